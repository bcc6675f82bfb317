// Who writes and who answers in the demo. All of them, and their companies, are invented.

import type { Chance } from './chance.ts'
import type { Language } from './wording.ts'

export interface Customer {
  id: string
  first: string
  name: string
  email: string
  company: string
  plan: string
  language: Language
  formal: boolean                                   // greets and signs like in a letter
  hasty: boolean                                    // types fast: lower case, slips, several short messages
}

/** How an agent works: shares of usual, edited and quite different answers, words around them, and pace. */
export interface Agent {
  id: string
  name: string
  languages: Language[]
  load: number
  asIs: number
  edits: number                                     // what is left of 1 is written anew
  greeting: Record<Language, string>
  signOff: Record<Language, string>
  pace: number                                      // 1 is usual, more is slower
  staleDays: number                                 // how long the old answer is sent after a change
}

export const agents: Agent[] = [
  {
    id: 'agent-ines', name: 'Ines', languages: ['en', 'de'], load: 5, asIs: 0.70, edits: 0.21, pace: 0.7, staleDays: 1,
    greeting: { en: 'Hi {first},', de: 'Hallo {first},' }, signOff: { en: 'Best,\nInes', de: 'Viele Grüße\nInes' }
  },
  {
    id: 'agent-tomas', name: 'Tomás', languages: ['en'], load: 6, asIs: 0.73, edits: 0.19, pace: 0.8, staleDays: 6,
    greeting: { en: 'Hello {first},', de: 'Hallo {first},' },
    signOff: { en: 'Kind regards,\nTomás\nRosterly Support', de: 'Freundliche Grüße\nTomás' }
  },
  {
    id: 'agent-priya', name: 'Priya', languages: ['en'], load: 5, asIs: 0.48, edits: 0.40, pace: 1.1, staleDays: 0,
    greeting: { en: 'Hi {first},', de: 'Hallo {first},' }, signOff: { en: 'Cheers,\nPriya', de: 'Viele Grüße\nPriya' }
  },
  {
    id: 'agent-jonas', name: 'Jonas', languages: ['de', 'en'], load: 5, asIs: 0.64, edits: 0.24, pace: 1, staleDays: 3,
    greeting: { en: 'Hello {first},', de: 'Guten Tag {name},' },
    signOff: { en: 'Best regards,\nJonas', de: 'Freundliche Grüße\nJonas Ebert' }
  },
  {
    id: 'agent-mara', name: 'Mara', languages: ['en'], load: 4, asIs: 0.54, edits: 0.24, pace: 1.4, staleDays: 0,
    greeting: { en: 'Dear {first},', de: 'Hallo {first},' },
    signOff: { en: 'Kind regards,\nMara Quill', de: 'Viele Grüße\nMara' }
  },
  {
    id: 'agent-felix', name: 'Felix', languages: ['de', 'en'], load: 4, asIs: 0.66, edits: 0.23, pace: 0.9, staleDays: 4,
    greeting: { en: 'Hi {first},', de: 'Hallo {first},' }, signOff: { en: 'Best,\nFelix', de: 'Beste Grüße\nFelix' }
  },
  {
    id: 'agent-olu', name: 'Olu', languages: ['en'], load: 5, asIs: 0.68, edits: 0.22, pace: 0.6, staleDays: 2,
    greeting: { en: 'Hi {first},', de: 'Hallo {first},' }, signOff: { en: '', de: '' }
  },
  {
    id: 'agent-greta', name: 'Greta', languages: ['en', 'de'], load: 3, asIs: 0.51, edits: 0.32, pace: 1.3, staleDays: 0,
    greeting: { en: 'Hello {first},', de: 'Hallo {first},' },
    signOff: { en: 'Best wishes,\nGreta', de: 'Viele Grüße\nGreta' }
  }
]

const COMPANIES: Record<Language, string[]> = {
  en: [
    'Kestrel Lifts', 'Brightwell Plumbing', 'Ashdown Heating', 'Copperfield Electrical', 'Larkhill Gardens',
    'Northgate Glazing', 'Tidewater Pools', 'Marlow Pest Control', 'Fenwick Boilers', 'Halcyon Cleaning',
    'Oakmoor Roofing', 'Redbrook Drainage', 'Swiftline Locksmiths', 'Thornbury Alarms', 'Willowcroft Landscapes',
    'Pennant Fire Safety', 'Greystone Paving', 'Harbour Refrigeration', 'Juniper Tree Care', 'Castlegate Doors',
    'Millrace Pumps', 'Sandpiper Solar', 'Quarry Lane Plant Hire', 'Beacon Signs', 'Ridgeway Scaffolding',
    'Foxglove Interiors', 'Summit Aerials', 'Velvet Chimney Sweeps', 'Ironbridge Welding', 'Lowland Septic',
    'Periwinkle Windows', 'Stonecrop Masonry', 'Dovetail Joinery', 'Bramble Fencing', 'Clearwater Softeners',
    'Highmoor Generators', 'Kingfisher Irrigation', 'Lanternlight Electrics', 'Meadowsweet Facility Care',
    'Otter Valley Drains', 'Pinecrest Timber Frames', 'Rookery Gate Systems', 'Silverbirch Flooring',
    'Tallow Hill Catering Repairs', 'Upland Wind Service', 'Wharfside Cranes', 'Yarrow Medical Equipment'
  ],
  de: [
    'Aumüller Haustechnik', 'Brenner & Lohse Aufzüge', 'Eichgrund Gartenbau', 'Falkensee Klima', 'Grauberg Sanitär',
    'Hellweg Elektro Kranz', 'Isarblick Gebäudereinigung', 'Klarbach Pumpen', 'Lindental Solar', 'Moorfeld Brandschutz',
    'Nordhang Heizungsbau', 'Rabenstein Dachdecker', 'Steinau Kältetechnik'
  ]
}

const FIRST: Record<Language, string[]> = {
  en: [
    'Amelia', 'Callum', 'Deirdre', 'Edwin', 'Farah', 'Gareth', 'Hannah', 'Imran', 'Joanna', 'Kieran', 'Leila', 'Marcus',
    'Nadia', 'Owen', 'Paula', 'Quentin', 'Rosa', 'Stuart', 'Tessa', 'Umar', 'Victoria', 'Wesley', 'Yvonne', 'Zack'
  ],
  de: ['Anke', 'Bernd', 'Carla', 'Dirk', 'Elif', 'Frank', 'Heike', 'Ingo', 'Katrin', 'Lars', 'Nicole', 'Uwe']
}

const LAST: Record<Language, string[]> = {
  en: [
    'Abbot', 'Bellweather', 'Crane', 'Dunmore', 'Ellery', 'Farrow', 'Gannet', 'Holloway', 'Ingham', 'Jessop', 'Kettle',
    'Larch', 'Merrow', 'Nettleton', 'Osgood', 'Pell', 'Quayle', 'Rudd', 'Selwyn', 'Tarrant', 'Underhill', 'Varley', 'Wickham'
  ],
  de: ['Ahrens', 'Bachmeier', 'Dornbusch', 'Ehlers', 'Freitag', 'Gerlach', 'Hofer', 'Kessler', 'Lorenz', 'Pohl', 'Raabe']
}

/** Two customers per company on average: 120 people in 60 companies. */
export function makeCustomers (chance: Chance): Customer[] {
  const taken = new Set<string>()
  const staff = (language: Language) => COMPANIES[language].flatMap((company, nth) => {
    const plan = chance.pick(['Solo', 'Crew', 'Crew', 'Crew', 'Fleet'])
    const heads = [2, 1, 3, 2][nth % 4] ?? 2
    return Array.from({ length: heads }, () => ({ company, plan, language }))
  })
  return [...staff('en'), ...staff('de')].map(({ company, plan, language }, index) => {
    const [first, last] = freshName(chance, language, taken)
    const address = `${first}.${last}@${company.split(' ').slice(0, 2).join('-')}.example`
    const formal = chance.happens(0.35)
    return {
      id: `customer-${String(index + 1).padStart(3, '0')}`,
      first,
      name: `${first} ${last}`,
      email: plainAddress(address),
      company,
      plan,
      language,
      formal,
      hasty: !formal && chance.happens(0.35)
    }
  })
}

function freshName (chance: Chance, language: Language, taken: Set<string>): [string, string] {
  for (;;) {
    const name: [string, string] = [chance.pick(FIRST[language]), chance.pick(LAST[language])]
    if (taken.has(name.join(' '))) continue
    taken.add(name.join(' '))
    return name
  }
}

function plainAddress (address: string): string {
  return address.toLowerCase().replaceAll('ä', 'ae').replaceAll('ö', 'oe').replaceAll('ü', 'ue').replaceAll('ß', 'ss')
    .replace('-&', '')
}
