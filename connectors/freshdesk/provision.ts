// Sets up a Freshdesk account: two automation rules that tell our door which ticket to look at, one for new tickets and
// one for changes. Whatever went wrong before, the next run finds the rules by their mark, mends them, and removes what
// is too many. https://developers.freshdesk.com/api/#automations
import { GiveUp } from '../../src/errors.ts'
import type { Finding, Goal, Kept, PlannedChange, Provision, Settings } from '../../src/types.ts'
import type { Client } from './client.ts'
import { idOf } from './records.ts'
import type { Fields } from './records.ts'
import { faultsOf, HEADER, isMarked, isOurs, KINDS, templateOf, wantedRule } from './rules.ts'
import type { Kind } from './rules.ts'

interface Step { change: PlannedChange, run: () => Promise<void> }

/** `runsAll`: every matching rule for new tickets runs. Without it the first one ends the row. */
interface Listed { rules: Fields[], runsAll: boolean }

export function makeProvision (client: Client, settings: Settings, kept?: Kept): Provision {
  // The first secret is the newest: it goes into the rules, and those after it are still believed at the door. One that
  // was added while the service runs is newer than any that was set.
  const set = (settings.FRESHDESK_WEBHOOK_SECRET ?? '').split(',').map(one => one.trim()).find(one => one !== '')
  const findSecret = async (): Promise<string | undefined> => (await kept?.secrets())?.[0] ?? set
  const stepsFor = async (door: string, goal: Goal): Promise<Step[]> => {
    const steps: Step[] = []
    const secret = await findSecret()
    for (const kind of KINDS) steps.push(...await listSteps(client, door, goal, kind, secret))
    return steps
  }
  return {
    notesComeBack: false,
    check: async door => await check(client, door, await findSecret()),
    plan: async (door, goal) => (await stepsFor(door, goal)).map(step => step.change),
    async apply (door, goal) {
      const steps = await stepsFor(door, goal)
      for (const step of steps) await step.run()
      return steps.map(step => step.change)
    },
    steps: (door, after) => after === 'refused' ? KINDS.map(kind => stepByHand(kind, door)) : [],
    async removeNote (_ticketId, noteId) {
      if (idOf(noteId) === null) throw new GiveUp(`"${noteId.slice(0, 40)}" is no freshdesk note`)
      await client.write('DELETE', `/conversations/${noteId}`, null)
      return 'removed'
    }
  }
}

function stepByHand (kind: Kind, door: string): string {
  return `By hand: Admin > Workflows > Automations > ${kind.tab} > New rule, called "${kind.name}", ${kind.when}, ` +
    `action "Trigger webhook": POST ${door}, encoding JSON, content Advanced, ` +
    `custom header ${HEADER}: <your FRESHDESK_WEBHOOK_SECRET>, body ${JSON.stringify(templateOf(kind))}`
}

async function listSteps (
  client: Client, door: string, goal: Goal, kind: Kind, secret: string | undefined
): Promise<Step[]> {
  const { rules, runsAll } = await listRules(client, kind)
  const ours = (await readMarked(client, kind, rules)).filter(rule => isOurs(rule, door))
  if (goal === 'disconnected') return ours.map(rule => removal(client, kind, rule, 'Deskloop is disconnected'))
  if (secret === undefined) throw new GiveUp('freshdesk rules need a secret to send: set FRESHDESK_WEBHOOK_SECRET')
  const wanted = wantedRule(kind, door, secret)
  const kept = ours.find(rule => faultsOf(rule, wanted).length === 0) ?? ours[0]
  const extra = ours.filter(rule => rule !== kept).map(rule => removal(client, kind, rule, 'there is more than one'))
  const foreign = rules.filter(rule => rule.active !== false && !ours.some(own => own.id === rule.id))
  // Ours fits every ticket: where the first match ends the row it must not stand before rules of the desk.
  const isLast = kind.type === 1 && !runsAll && foreign.length > 0
  const last = rules.length + 1 - extra.length
  const what = `automation rule "${kind.name}"`
  if (kept === undefined) {
    const details = [kind.does, `sends ${HEADER} and the number of the ticket to ${door}`,
      isLast ? 'stands last, behind the rules of the desk' : 'stands first']
    const body = { ...wanted, position: isLast ? last : 1 }
    return [{
      change: { action: 'create', what, details },
      run: async () => { await manage(client, 'POST', `/automations/${kind.type}/rules`, body) }
    }, ...extra]
  }
  const details = faultsOf(kept, wanted)
  const stands = Number(kept.position)
  const blocks = isLast && foreign.some(rule => Number(rule.position) > stands)
  if (blocks) details.push('stands before rules of the desk, which then never run: must be last')
  if (details.length === 0) return extra
  const body = blocks ? { ...wanted, position: rules.length } : wanted
  return [{
    change: { action: 'change', what, id: String(kept.id), details },
    run: async () => { await manage(client, 'PUT', pathOf(kind, kept), body) }
  }, ...extra]
}

function removal (client: Client, kind: Kind, rule: Fields, why: string): Step {
  return {
    change: { action: 'remove', what: `automation rule "${String(rule.name)}"`, id: String(rule.id), details: [why] },
    run: async () => { await manage(client, 'DELETE', pathOf(kind, rule)) }
  }
}

// A row of the list does not show everything that the rule holds.
async function readMarked (client: Client, kind: Kind, rows: Fields[]): Promise<Fields[]> {
  const rules: Fields[] = []
  for (const row of rows.filter(isMarked)) rules.push(await manage(client, 'GET', pathOf(kind, row)))
  return rules
}

/** Documented in an envelope, seen as a bare array. Oldest first, so that of two equals every run keeps the same. */
async function listRules (client: Client, kind: Kind): Promise<Listed> {
  const found = await read(client, 'GET', `/automations/${kind.type}/rules`)
  const envelope = isObject(found) ? found : {}
  const rows: unknown = Array.isArray(found) ? found : envelope.rules
  if (!Array.isArray(rows)) throw new Error(`freshdesk answered no list to GET /automations/${kind.type}/rules`)
  const meta = isObject(envelope.meta) ? envelope.meta : {}
  const rules = rows.filter(isObject).sort((a, b) => Number(a.id) - Number(b.id))
  return { rules, runsAll: meta.cascading_rules === true }
}

async function check (client: Client, door: string, secret: string | undefined): Promise<Finding[]> {
  const findings: Finding[] = []
  if (secret === undefined) {
    findings.push({
      level: 'stop',
      what: 'FRESHDESK_WEBHOOK_SECRET is not set',
      why: 'Freshdesk signs nothing: only a secret of ours, sent along by the rules, tells its deliveries from false ones'
    })
  }
  const lacking = new Set<string>()
  for (const kind of KINDS) {
    const path = `/automations/${kind.type}/rules`
    const answer = await client.read(path, {}, (status, code) => {
      if (status === 403) lacking.add(whyForbidden(code))
      return status === 403
    })
    if (answer.status === 403) continue
    const { rules, runsAll } = await listRules(client, kind)
    const elsewhere = (await readMarked(client, kind, rules)).filter(rule => !isOurs(rule, door))
    findings.push(...elsewhere.map((rule): Finding => ({
      level: 'look',
      what: `another Deskloop is set up here: rule ${String(rule.id)} "${String(rule.name)}"`,
      why: 'it is left alone; if that Deskloop is gone, remove the rule by hand or disconnect with its address as --url'
    })))
    findings.push(...kind.type === 4 ? rules.filter(mailsOnNotes).map(sayMailing) : [])
    if (kind.type === 1 && !runsAll && rules.some(rule => rule.active !== false && !isMarked(rule))) {
      findings.push({
        level: 'look',
        what: 'Freshdesk runs only the first matching rule for new tickets',
        why: 'ours stands last, so a new ticket that another rule takes is found some minutes later by catching up; ' +
          'switch on "Execute all matching rules" under Automations > Ticket creation to be told at once'
      })
    }
  }
  for (const why of lacking) findings.push({ level: 'stop', what: 'this key may not manage automation rules', why })
  return findings
}

// Such a rule tells customers that something was written which they cannot see.
function mailsOnNotes (rule: Fields): boolean {
  const events = Array.isArray(rule.events) ? rule.events.filter(isObject) : []
  const actions = Array.isArray(rule.actions) ? rule.actions.filter(isObject) : []
  return rule.active !== false && !isMarked(rule) &&
    events.some(({ field_name: field, value }) => field === 'note_type' && value !== 'public') &&
    actions.some(({ field_name: field }) => field === 'send_email_to_requester')
}

function sayMailing (rule: Fields): Finding {
  return {
    level: 'look',
    what: `the rule "${String(rule.name)}" mails the requester when a private note is added`,
    why: 'it would also run for ours: let it ask for public notes only'
  }
}

async function manage (client: Client, method: Method, path: string, body: Fields | null = null): Promise<Fields> {
  const answer = await read(client, method, path, body)
  return isObject(answer) ? answer : {}
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

async function read (client: Client, method: Method, path: string, body: Fields | null = null): Promise<unknown> {
  let code = ''
  const accepts = (status: number, said: string): boolean => {
    code = said
    return status === 403
  }
  const answer = method === 'GET' ? await client.read(path, {}, accepts) : await client.write(method, path, body, accepts)
  if (answer.status !== 403) return answer.body
  throw new GiveUp(`freshdesk does not let this key manage automation rules (403 on ${method} ${path}): ${whyForbidden(code)}`)
}

// Names and contents of the plans change often; the code stays. https://developers.freshdesk.com/api/#error
function whyForbidden (code: string): string {
  return /\brequire_feature\b/.test(code)
    ? 'the plan of this account has no automation rules with webhooks: change the plan; until then catching up finds what is new every few minutes'
    : 'it belongs to an agent who is no admin: use the key of an admin, or give that agent the role'
}

function pathOf (kind: Kind, rule: Fields): string {
  const id = idOf(rule.id)
  if (id === null) throw new Error('freshdesk named a rule without a usable id')
  return `/automations/${kind.type}/rules/${id}`
}

function isObject (value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
