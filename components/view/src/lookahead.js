// Limits the search for the end of a block. A text of openings only would be scanned once for each of them:
// 20,000 characters of `$$ a` blocked the page for 15 s.

const MOST = 100_000; // lines of a text that may be looked at in vain

/** Whether a rule may look ahead: not after too many searches without a result. */
export const mayLook = ({ env }) => !(env.vain > MOST);

/** Counts lines that were searched without a result. */
export function lookedInVain({ env }, lines) {
  env.vain = (env.vain ?? 0) + lines;
}
