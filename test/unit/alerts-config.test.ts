// config/alerts.json: what is shipped works, every setting has its sentence, and what is wrong is told with its place.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAlerts } from '../../src/config-files.ts'

const CONFIG = join(import.meta.dirname, '../../config')
const shipped: Record<string, unknown> = JSON.parse(readFileSync(join(CONFIG, 'alerts.json'), 'utf8'))

function faultsOf (alerts: object): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'deskloop-alerts-'))
  try {
    copyFileSync(join(CONFIG, 'alerts.schema.json'), join(folder, 'alerts.schema.json'))
    writeFileSync(join(folder, 'alerts.json'), JSON.stringify(alerts))
    const faults: string[] = []
    readAlerts(() => '', folder, faults)
    return faults.map(fault => fault.replace(folder, ''))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('what is shipped is taken, and so is a file from before there were quiet hours', () => {
  expect(faultsOf(shipped)).toEqual([])
  const { quiet, loudFrom, dailyCap, digests, revenueWords, ...before } = shipped
  expect([quiet, loudFrom, dailyCap, digests, Array.isArray(revenueWords)]).toEqual([null, 10, 12, ['learning', 'audit'], true])
  expect(faultsOf(before)).toEqual([])
})

test.each([
  [{ quiet: { from: '25:00', to: '07:00' } }, /quiet\/from must match pattern/],
  [{ quiet: { from: '22:00' } }, /quiet must have required property 'to'/],
  [{ channels: { incidents: 'C1' } }, /channels must NOT have additional properties/],
  [{ dailyCap: 0 }, /dailyCap must be >= 1/],
  [{ digests: ['weekly'] }, /digests\/0 must be equal to one of the allowed values/],
  [{ timezone: 'Mars/Olympus' }, /timezone must be a name such as Europe\/Berlin, and is Mars\/Olympus/]
])('%j is told clearly', (wrong, said) => {
  const faults = faultsOf({ ...shipped, ...wrong })
  expect(faults.length).toBeGreaterThan(0)
  expect(faults.join('\n')).toMatch(said)
  expect(faults.join('\n')).toContain('alerts.json')
})

test('every setting has one sentence', () => {
  const schema: unknown = JSON.parse(readFileSync(join(CONFIG, 'alerts.schema.json'), 'utf8'))
  const missing: string[] = []
  const look = (node: unknown, place: string): void => {
    if (typeof node !== 'object' || node === null || !('properties' in node) || typeof node.properties !== 'object' || node.properties === null) return
    for (const [name, one] of Object.entries(node.properties)) {
      if (typeof one?.description !== 'string') missing.push(`${place}/${name}`)
      look(one, `${place}/${name}`)
    }
  }
  look(schema, '')
  expect(missing).toEqual([])
})
