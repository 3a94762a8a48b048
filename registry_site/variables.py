"""The variables that the settings read, as the help and the README list them."""

from typing import NamedTuple


class Variable(NamedTuple):
    """A variable, with its default and meaning in Markdown."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable(
        "DATA_DIR",
        "`./data`",
        "Folder of everything that is kept: database, files, keys. Back it up.",
    ),
    Variable(
        "BASE_URL",
        "`http://127.0.0.1:8000`",
        "The address that people use. With `https`, cookies are secure and "
        "plain http is redirected.",
    ),
    Variable(
        "DATABASE_URL",
        "SQLite in the data folder",
        "`postgres://user:password@host/name`; needs `uv run --extra postgres`.",
    ),
    Variable("BLOB_DIR", "`blobs` in the data folder", "Where the bytes of artifacts lie."),
    Variable(
        "FREE_SPACE_RESERVE",
        "`1000000000`",
        "Bytes that stay free on the disk of `BLOB_DIR`: what would take more is refused.",
    ),
    Variable(
        "MAIL_URL",
        "`console:`",
        "Where mail goes: `smtp+tls://user:password@host:587`, "
        "`smtps://…`, `file:///folder`, or the console.",
    ),
    Variable("MAIL_FROM", "`Accession <accession@HOST>`", "Whom mail comes from."),
    Variable(
        "TRUST_PROXY",
        "`false`",
        "A proxy stands before the server: believe its `X-Forwarded-For` and "
        "`X-Forwarded-Proto`.",
    ),
    Variable(
        "HSTS_SECONDS",
        "`0`",
        "How long browsers insist on https, once you are sure of it: `31536000`.",
    ),
    Variable(
        "SECRET_KEY",
        "made at the first start",
        "Signs sessions and links. At least 40 random characters.",
    ),
    Variable(
        "SECRET_KEY_FALLBACKS", "none", "Former keys, still accepted, separated by commas."
    ),
    Variable(
        "API_KEY_PEPPER",
        "made at the first start",
        "Keys the stored hash of API keys: changing it ends them all.",
    ),
    Variable(
        "TRANSFER_KEY",
        "made at the first start",
        "Signs the addresses from which programs fetch files and to which they send them.",
    ),
    Variable(
        "SEALING_KEY",
        "made at the first start",
        "Encrypts the secrets of integrations: after a change each is entered anew.",
    ),
    Variable(
        "STORAGE_REGIONS",
        "`default,minio-local`",
        "Storage regions that programs may ask for, separated by commas.",
    ),
    Variable(
        "SERVER_THREADS",
        "`64`",
        "Requests, downloads included, that are served at the same time.",
    ),
    Variable(
        "LOG_LEVEL",
        "`INFO`",
        "Lines of JSON on standard error: `DEBUG`, `INFO`, `WARNING`, `ERROR`.",
    ),
    Variable(
        "DEBUG", "`false`", "Shows tracebacks to everybody. Only on your own machine."
    ),
)
