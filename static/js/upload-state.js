// How far an upload is, in figures and names.

const sum = (some, of) => some.reduce((total, each) => total + of(each), 0);

export function state(all, { active, failed, paused }) {
  const here = all.filter((one) => one.here);
  const sending = [...active.keys()];
  const done = sum(here, ({ size }) => size) + sum(sending, (one) => (one.here ? 0 : one.sent));
  const why = [...failed].map(([one, said]) => `${one.path}: ${said}`);
  const bytes = sum(all, ({ size }) => size);
  return { all: all.length, here: here.length, bytes, done, active: sending, failed: why, paused };
}
