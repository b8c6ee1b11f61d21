import { dirname, join } from 'node:path';
import { type Clock, RefusedError, systemClock, UserError } from '@breakwater/core';
import { parseHeader } from '../boundary.ts';
import { readStream } from '../chain.ts';
import type { Reason } from '../events.ts';
import type { ExecutionHeader } from '../execution.ts';
import { HEADER_FILE } from '../folder-execution.ts';
import { folderStore } from '../folder-store.ts';
import { gitSource } from '../git-source.ts';
import { type FoundEntry, LEDGER_FOLDER, newestOf, readLedger, sealsOf } from '../ledger.ts';
import type { SealFacts } from '../manifest.ts';
import { filesUnder, readIfThere, type SourceFile } from '../record-source.ts';
import { readFolderLedger } from '../seal-folder.ts';
import { verifyExecution } from '../verify-execution.ts';
import { Branch, type Rewritten } from './branch.ts';
import type { GitStoreOptions } from './git-store.ts';
import { lostHere } from './lost.ts';
import { isJournal, type Materialised, materialise, materialiseLedger, twoOfOneId } from './materialise.ts';
import { areTwo } from './merge.ts';
import { readBlobs } from './objects.ts';
import { rewrittenReason, waitsForBranch } from './reasons.ts';
import { Uplink } from './uplink.ts';
import { UPLINK_PATIENCE } from './uplink-patience.ts';

export interface JoinOptions extends Omit<GitStoreOptions, 'signal'> {
  /**
   * Journals that went on in two places: `refuse`, or `keep-both` (the one that was written to last stays, the other is kept beside it, and
   * the execution is sealed anew).
   */
  readonly diverged: 'refuse' | 'keep-both';
  /**
   * A branch that lost what was on it: `refuse` (default), unless the local history holds all of that; `restore` (what was there is brought
   * here first, and pushed); `accept` (the branch is taken as it is now, and a commit says who took it).
   */
  readonly rewritten?: 'refuse' | 'restore' | 'accept';
  readonly facts: Pick<SealFacts, 'tool' | 'by'>;
}

/** What became of one execution of the local folder. */
export interface JoinedExecution {
  readonly plan: string;
  readonly id: string;
  /** `joined`: the branch did not know it. `continued`: it has more of it now. `known`: it had everything already. */
  readonly state: 'joined' | 'continued' | 'known';
  /** Journals that went on in two places, and of which both are kept. */
  readonly keptBoth: readonly string[];
}

export interface Joined {
  /** Of the branch, for people. */
  readonly place: string;
  /** The newest commit of the branch; left out: it still does not exist. */
  readonly commit?: string;
  readonly executions: readonly JoinedExecution[];
}

interface Local {
  readonly plan: string;
  readonly id: string;
  readonly header: ExecutionHeader;
}

const LOOK = 60_000;

/**
 * Brings everything that a local history holds to the branch, and what the branch has more of here: after a failover without the
 * network. Can be repeated. Chains are verified first. Throws `UserError` `history-corrupt` when a local journal is damaged, or went on
 * in two places; `RefusedError` `history-unreachable`, `history-rejected`, `history-rewritten`. Nothing is pushed then.
 */
export async function joinHistory(options: JoinOptions): Promise<Joined> {
  const { root, remote, author, committer, clock, warn, diverged, pace = systemClock, patience = UPLINK_PATIENCE } = options;
  for (const local of localExecutions(root)) demandSound(root, local);
  const wholeHere = new Set(
    localExecutions(root)
      .filter((local) => isWholeHere(root, local))
      .map(folderOf),
  );
  const branch = new Branch({ remote, name: options.branch, author, committer, clock, pace, warn });
  try {
    const rewritten = await branch.fetch({ timeout: LOOK });
    if (rewritten !== undefined) await settle(options, branch, rewritten);
    const locals = localExecutions(root);
    await demandSameExecutions(options, branch, locals);
    const known = new Set(branch.tip === undefined ? [] : await materialiseLedger({ git: remote.git, tip: branch.tip, root }));
    const found: { readonly local: Local; readonly brought: Materialised }[] = [];
    for (const local of locals) found.push({ local, brought: await bring(options, branch, local, 'keep') });
    const parted = found.flatMap(({ brought }) => brought.diverged);
    if (parted.length > 0 && diverged === 'refuse') throw wentApart(parted, branch);
    const executions: JoinedExecution[] = [];
    const due: string[] = [];
    for (const { local, brought: seen } of found) {
      const apart = seen.diverged.length > 0;
      const brought = apart ? await bring(options, branch, local, 'set-aside') : seen;
      if (apart || (await isWholeOnlyApart(options, branch, local, wholeHere))) {
        due.push(...(await sealAnew(options, branch, local, brought.setAside)));
      }
      due.push(...brought.ahead);
      const isNew = brought.ahead.includes(`${local.plan}/${local.id}/${HEADER_FILE}`) && !brought.onBranch;
      const state = isNew ? 'joined' : brought.ahead.length > 0 || apart ? 'continued' : 'known';
      executions.push({ plan: local.plan, id: local.id, state, keptBoth: seen.diverged });
    }
    due.push(...ledgerOf(root).filter((path) => !known.has(path.slice(LEDGER_FOLDER.length + 1))));
    if (rewritten !== undefined && options.rewritten === 'restore') await demandWhole(options, branch, rewritten);
    if (due.length > 0) await push(options, branch, due, executions, { pace, patience, warn });
    return { place: branch.place, ...(branch.tip === undefined ? {} : { commit: branch.tip }), executions };
  } finally {
    await branch.close().catch(() => undefined);
  }
}

/** What is done about a branch that lost something, before anything is pushed. Throws `history-rewritten`, too. */
async function settle(options: JoinOptions, branch: Branch, rewritten: Rewritten): Promise<void> {
  const { root, remote, owner } = options;
  const { was, lost } = rewritten;
  switch (options.rewritten ?? 'refuse') {
    case 'refuse':
      return demandWhole(options, branch, rewritten);
    case 'accept': {
      const names = lost.map((path) => `- ${path}\n`).join('');
      return branch.accept(`history: taken as it is by ${owner}\n\nWithout what ${was} had:\n${names}`, { timeout: LOOK });
    }
    case 'restore':
      await materialiseLedger({ git: remote.git, tip: was, root });
      for (const folder of new Set(lost.map((path) => path.split('/').slice(0, 2).join('/')))) {
        if (folder.startsWith(`${LEDGER_FOLDER}/`)) continue;
        const [plan = '', id = ''] = folder.split('/');
        await bring(options, { tip: was, place: `${branch.place} before` }, { plan, id }, 'keep');
      }
      for (const local of localExecutions(root)) demandSound(root, local);
  }
}

/** Throws `history-rewritten` if the local history does not hold everything that the branch lost. */
async function demandWhole({ root, remote, rewritten: how }: JoinOptions, branch: Branch, rewritten: Rewritten): Promise<void> {
  const lost = await lostHere(remote.git, rewritten.was, rewritten.lost, root);
  if (lost.length === 0) return;
  const { code, message, next = '' } = rewrittenReason({ ...rewritten, lost }, branch);
  const rest =
    'What is named here holds something else on the branch now, and cannot be put back by itself. Nothing was pushed. Compare, then push with `--rewritten accept`.';
  throw new RefusedError(code, message, { next: how === 'restore' ? rest : next });
}

function localExecutions(root: string): readonly Local[] {
  return filesUnder(root, '').flatMap(({ path }) => {
    const [plan = '', id = '', file, ...rest] = path.split('/');
    if (file !== HEADER_FILE || rest.length > 0) return [];
    const header = parseHeader(Buffer.from(readIfThere(join(root, path)) ?? []).toString('utf8'));
    if (typeof header !== 'string') return [{ plan, id, header }];
    throw corrupt(join(root, path), 1, header);
  });
}

/** Of one id there can be one execution in a history. Throws `UserError` `execution-mismatch` before anything is brought here. */
async function demandSameExecutions({ remote, root }: JoinOptions, branch: Branch, locals: readonly Local[]): Promise<void> {
  const { tip, place } = branch;
  if (tip === undefined) return;
  const paths = locals.map((local) => `${folderOf(local)}/${HEADER_FILE}`);
  const theirs = await readBlobs(
    remote.git,
    paths.map((path) => `${tip}:${path}`),
  );
  for (const [at, path] of paths.entries()) {
    const [own, other] = [readIfThere(join(root, path)), theirs[at]];
    if (own !== undefined && other !== undefined && areTwo(own, other)) throw twoOfOneId(dirname(path), place);
  }
}

/** No damage goes to the branch; a line that a crash tore at the end stays here. */
function demandSound(root: string, { plan, id, header }: Local): void {
  for (const { path } of filesUnder(root, `${plan}/${id}`)) {
    if (!isJournal(path)) continue;
    const stream = path.slice(`${plan}/${id}/`.length, -'.jsonl'.length);
    const identity = { execution: header.id, stream, planDigest: header.plan.digest };
    const { problems } = readStream(readIfThere(join(root, path)) ?? new Uint8Array(), identity);
    const damage = problems.find(({ kind }) => kind !== 'torn');
    if (damage !== undefined) throw corrupt(join(root, path), damage.line, damage.message);
  }
}

async function bring(
  { remote, root, clock, owner }: JoinOptions,
  branch: Pick<Branch, 'tip' | 'place'>,
  { plan, id }: Pick<Local, 'plan' | 'id'>,
  diverged: 'keep' | 'set-aside',
): Promise<Materialised> {
  const folder = `${plan}/${id}`;
  const { tip } = branch;
  if (tip === undefined) {
    const ahead = filesUnder(root, folder).filter(({ kind }) => kind === 'file');
    return { ahead: ahead.map(({ path }) => path), diverged: [], setAside: [], onBranch: false };
  }
  return materialise({ git: remote.git, tip, root, folder, diverged, isHeld: () => false, clock, owner, place: branch.place });
}

/**
 * Seals an execution as it is now, put together from two places. Of journals that went on in both, the one that stays tells what became of the
 * other, and who kept both.
 */
async function sealAnew(
  { root, clock, owner, facts }: JoinOptions,
  { place }: Branch,
  { plan, id, header }: Local,
  setAside: Materialised['setAside'],
): Promise<readonly string[]> {
  const before = new Set(ledgerOf(root));
  const { execution } = await folderStore(root, { clock, owner }).open(header);
  await execution.reopen(facts.by);
  for (const { path, damaged, sha256 } of setAside) {
    const journal = await execution.journal(path.slice(`${plan}/${id}/`.length, -'.jsonl'.length), 'refuse');
    const problem = `it went on in two places, on this machine and on ${place}; ${owner} kept both, and the one that was written to last counts`;
    await journal.append({ type: 'journal-replaced', damaged, sha256, problem });
    await journal.close();
  }
  if (execution.header.verdict !== undefined) await execution.seal({ ...facts, at: clock.now() });
  const written = filesUnder(root, `${plan}/${id}`).map(({ path }) => path);
  return [...written, ...ledgerOf(root).filter((path) => !before.has(path))];
}

function folderOf({ plan, id }: Pick<Local, 'plan' | 'id'>): string {
  return `${plan}/${id}`;
}

/** Whether nothing is wrong with an execution in the local folder. */
function isWholeHere(root: string, { plan, id }: Local): boolean {
  const files = filesUnder(root, `${plan}/${id}`);
  const contents = new Map(files.map(({ path }) => [path, readIfThere(join(root, path)) ?? new Uint8Array()]));
  return isWhole(plan, id, files, contents, readFolderLedger(root));
}

/**
 * Whether an execution was whole here and is whole on the branch, but not as it now lies here, put together from both: its header is the
 * branch's, or a seal does not know the other's journals. What was damaged on either side stays so, for all to see.
 */
async function isWholeOnlyApart(
  { root, remote }: JoinOptions,
  { tip, place }: Branch,
  local: Local,
  wholeHere: ReadonlySet<string>,
): Promise<boolean> {
  const folder = folderOf(local);
  if (tip === undefined || !wholeHere.has(folder) || isWholeHere(root, local)) return false;
  const source = gitSource(remote.git, tip, place);
  const all = await source.files();
  const files = all.filter(({ path }) => path.startsWith(`${folder}/`));
  const ledger = await source.read(all.map(({ path }) => path).filter((path) => path.startsWith(`${LEDGER_FOLDER}/`)));
  const entries = readLedger(new Map([...ledger].map(([path, content]) => [path.slice(LEDGER_FOLDER.length + 1), content])));
  return isWhole(local.plan, local.id, files, await source.read(files.map(({ path }) => path)), entries);
}

function isWhole(
  plan: string,
  execution: string,
  files: readonly SourceFile[],
  contents: ReadonlyMap<string, Uint8Array>,
  ledger: readonly FoundEntry[],
): boolean {
  const newest = newestOf(ledger, plan, execution);
  const seals = sealsOf(ledger, plan, execution);
  return verifyExecution({ plan, execution, files, contents, newest, seals }).state !== 'broken';
}

async function push(
  { root, owner, clock }: JoinOptions,
  branch: Branch,
  due: readonly string[],
  executions: readonly JoinedExecution[],
  how: { readonly pace: Clock; readonly patience: typeof UPLINK_PATIENCE; readonly warn: (reason: Reason) => void },
): Promise<void> {
  const moved = executions.filter(({ state }) => state !== 'known');
  const [only] = moved.length === 1 ? moved : [];
  const uplink = new Uplink({
    branch,
    root,
    mode: 'drill',
    about: only === undefined ? { plan: 'history', what: `${moved.length} executions` } : { plan: only.plan, what: only.id },
    isHeld: () => false,
    clock,
    pace: how.pace,
    patience: how.patience,
    signal: undefined,
    events: {
      onLost: () => undefined,
      onJoined: () => undefined,
      onWaiting: (error, patience) => how.warn(waitsForBranch(error, patience)),
      onRewritten: (rewritten) => {
        const { code, message, next = '' } = rewrittenReason(rewritten, branch);
        throw new RefusedError(code, message, { next });
      },
    },
  });
  for (const { plan, id, state } of moved) uplink.touch([`${plan}/${id}/${HEADER_FILE}`], { text: `${id} ${state}`, weight: 1 });
  uplink.touch(due, { text: `joined by ${owner}`, weight: 2 });
  uplink.list();
  await uplink.demand();
}

function ledgerOf(root: string): readonly string[] {
  return filesUnder(root, LEDGER_FOLDER).map(({ path }) => path);
}

function corrupt(file: string, line: number, problem: string): UserError {
  return new UserError('history-corrupt', `${file} was damaged or altered at line ${line}: ${problem}`, {
    next: 'Nothing was pushed. Restore the file from a copy, or move its execution out of the folder, then push again.',
    location: { file, line, column: 1 },
  });
}

function wentApart(paths: readonly string[], { place }: Branch): UserError {
  const shown = paths.slice(0, 3).join(', ');
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
  return new UserError('history-corrupt', `${shown}${more} went on in two places: here and on ${place} they hold other lines`, {
    next: 'Nothing was pushed. If both are true, as after a failover that began elsewhere, push with --keep-both: the one written last stays, the other is kept beside it.',
  });
}
