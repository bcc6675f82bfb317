// deskloop prove NAME: what Deskloop promises, shown under faults against the pretend vendors, with the figures. Each proof
// is a file of its own in scripts/prove/; it says what it did, and exits with 1 when the promise was broken.

/** `tickets` and `desk` make a proof smaller, where it knows them. */
export interface ProofOptions {
  root: string, name: string, json: boolean, words?: string[], tickets?: number, desk?: string, runs?: number
  specs: string | null                              // folder of the vendors' descriptions
  journal: string | null                            // requests that were written down before
}

/** What a proof found. `lines` are for people, `figures` for programs; `kept` is whether the promise held. */
export interface Proof { kept: boolean, lines: string[], figures: Record<string, unknown> }

interface Entry { says: string, run: (options: ProofOptions) => Promise<Proof> }

const PROOFS: Record<string, Entry> = {
  notes: {
    says: 'each note once, private, none missing, while workers are killed: [zendesk] [intercom] [freshdesk] [late] [blind]',
    run: async options => await (await import('./prove/notes.ts')).proveNotes(options)
  },
  anomalies: {
    says: 'invented desks with hidden incidents, and what was told of them: [DESK…] [seeds=1,2] [budget=1] [weeks=26] [show=false|missed] [against=oracle,nb,day]',
    run: async options => await (await import('./prove/anomalies.ts')).proveAnomalies(options)
  },
  bell: {
    says: 'from the alarm to the verified fix, killed at every step, with Slack and Linear down: [--runs 20] [NUMBER …]',
    run: async options => await (await import('./prove/bell.ts')).proveBell(options)
  },
  outbreaks: {
    says: 'weekly counts with outbreaks after a published study, and which weeks were called one: [seeds=1,2] [alarm=0.01]',
    run: async options => await (await import('./prove/outbreaks.ts')).proveOutbreaks(options)
  },
  completeness: {
    says: 'fifty tickets at each helpdesk that nobody told of are found, named and fetched',
    run: async options => await (await import('./prove/completeness.ts')).proveCompleteness(options)
  },
  downtime: {
    says: 'a thousand tickets change while it is stopped, and are here soon after the start: [--tickets N] [--desk NAME]',
    run: async options => await (await import('./prove/downtime.ts')).proveDowntime(options)
  },
  backfill: {
    says: 'history read back under kills and limits, nothing missing, nothing twice: [--tickets 20000] [--desk zendesk]',
    run: async options => await (await import('./prove/backfill.ts')).proveBackfill(options)
  },
  outages: {
    says: 'what breaks between a helpdesk and Deskloop: what happened, when it healed, what the operator saw',
    run: async options => await (await import('./prove/outages.ts')).proveOutages(options)
  },
  rotation: {
    says: 'secrets of webhooks change under 100 deliveries a second, and none is refused',
    run: async options => await (await import('./prove/rotation.ts')).proveRotation(options)
  },
  conformance: {
    says: 'every request is one that the vendor describes: --specs FOLDER [whole] [--journal FILE]',
    run: async options => await (await import('./prove/conformance.ts')).proveConformance(options)
  },
  rate: {
    says: 'we stop before a helpdesk\'s limit, and notes go before backfill (three minutes)',
    run: async options => await (await import('./prove/rate.ts')).proveRate(options)
  },
  mind: {
    says: 'live drafts are those of a backtest, and the stored mind is the fold of what was written down: [--tickets N]',
    run: async options => await (await import('./prove/mind.ts')).proveMind(options)
  },
  revert: {
    says: 'what is taken back is gone, stays gone, and leaves no trace',
    run: async options => await (await import('./prove/revert.ts')).proveRevert(options)
  },
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
