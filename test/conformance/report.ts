// Reads a journal of requests and says of each vendor what was asked of it, and what its description has against it.
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { WrittenDown } from './openapi.ts'
import { VENDORS } from './vendors.ts'
import type { Excuse, Vendor } from './vendors.ts'

export interface Violation { what: string, times: number, because: string | null, example: string }

export interface VendorReport {
  vendor: string
  requests: number                                  // that our clients made
  others: number                                    // that tests made by hand, which are not judged
  checked: number                                   // that a description knows
  operations: number                                // distinct ones of those
  undescribed: number
  violations: Violation[]                           // because null: ours
  note: string | null
}

/** Our clients say who they are, by themselves or by the vendor's library; what a test sends by hand does not. */
const OURS = /\bDeskloop\b|hubspot-api-client|@linear\/sdk|linear-client|@slack/i

export async function judgeJournal (file: string, specs: string, vendors: Vendor[] = VENDORS): Promise<VendorReport[]> {
  const requests = await readJournal(file)
  const reports: VendorReport[] = []
  for (const vendor of vendors) {
    reports.push(await judgeVendor(vendor, specs, requests.filter(one => one.vendor === vendor.name)))
  }
  return reports
}

async function judgeVendor (vendor: Vendor, specs: string, all: WrittenDown[]): Promise<VendorReport> {
  const ours = all.filter(({ agent = '' }) => OURS.test(agent))
  const report: VendorReport = {
    vendor: vendor.name, requests: ours.length, others: all.length - ours.length,
    checked: 0, operations: 0, undescribed: 0, violations: [], note: null
  }
  const judge = ours.length === 0 ? null : await vendor.open(specs)
  if (judge === null) {
    report.note = ours.length === 0 ? 'no client of ours has spoken to it' : vendor.none ?? `its description is not in ${specs}`
    return report
  }
  const operations = new Set<string>()
  const found = new Map<string, Violation>()
  const add = (what: string, excuses: Excuse[], example: string): void => {
    const because = excuses.find(({ where }) => where.test(what))?.because ?? null
    const known = found.get(what) ?? { what, times: 0, because, example }
    known.times++
    found.set(what, known)
  }
  for (const request of ours) {
    const plain = `${request.method} ${request.path}`
    const { operation, faults } = judge(request)
    if (operation === null) {
      report.undescribed++
      add(`${plain.split('?')[0]?.replace(/\/(?!v\d)[\w-]*\d[\w-]*(?=\/|$|\.)/g, '/:id')} is not described`, vendor.silent, plain)
      continue
    }
    report.checked++
    operations.add(operation)
    for (const fault of faults) add(`${operation}: ${fault}`, vendor.wrong, `${plain} ${JSON.stringify(request.body ?? null).slice(0, 300)}`)
  }
  report.operations = operations.size
  const isExcused = (one: Violation): number => Number(one.because !== null)
  report.violations = [...found.values()].sort((a, b) => isExcused(a) - isExcused(b) || b.times - a.times)
  return report
}

async function readJournal (file: string): Promise<WrittenDown[]> {
  const requests: WrittenDown[] = []
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const request: unknown = line === '' ? null : JSON.parse(line)
    if (isWrittenDown(request)) requests.push(request)
  }
  return requests
}

function isWrittenDown (value: unknown): value is WrittenDown {
  return typeof value === 'object' && value !== null && 'vendor' in value && 'method' in value && 'path' in value
}
