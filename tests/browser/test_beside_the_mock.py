"""The command that shows the product beside the mock."""

from __future__ import annotations

from tests.browser.beside_the_mock import main, page


def test_a_folder_without_the_mock_is_told(tmp_path, capsys):
    assert main([str(tmp_path / "out"), "--mock", str(tmp_path)]) == 1

    assert f"The mock is not in {tmp_path}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_mock_stands_left_and_the_product_right():
    written = page()

    assert written.index("home-dark-375-mock") < written.index("home-dark-375-product")
