// deskloop prove NAME: what Deskloop promises, shown under faults against the pretend vendors, with the figures. Each proof
// is a file of its own in scripts/prove/; it says what it did, and exits with 1 when the promise was broken.
import { proveRevert } from './prove/revert.ts'

export interface ProofOptions { root: string, name: string, json: boolean }

/** What a proof found. `lines` are for people, `figures` for programs; `kept` is whether the promise held. */
export interface Proof { kept: boolean, lines: string[], figures: Record<string, unknown> }

interface Entry { says: string, run: (options: ProofOptions) => Promise<Proof> }

const PROOFS: Record<string, Entry> = {
  revert: { says: 'what is taken back is gone, stays gone, and leaves no trace', run: proveRevert },
}

export async function prove (options: ProofOptions): Promise<void> {
  const entry = Object.hasOwn(PROOFS, options.name) ? PROOFS[options.name] : undefined
  if (entry === undefined) {
    const list = Object.entries(PROOFS).map(([name, { says }]) => `  ${name.padEnd(14)} ${says}`).join('\n')
    if (options.name === '') { process.stdout.write(`deskloop prove <name>\n${list}\n`); return }
    throw new Error(`there is no proof called ${options.name.slice(0, 40)}:\n${list}`)
  }
  const { kept, lines, figures } = await entry.run(options)
  process.stdout.write(options.json ? JSON.stringify({ kept, ...figures }, null, 2) + '\n' : lines.join('\n') + '\n')
  if (!kept) process.exitCode = 1
}
