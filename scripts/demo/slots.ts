// What the braces in the wording stand for: drawn once per ticket, so that question and answer speak of the same thing.

import type { Chance } from './chance.ts'
import { DAY } from './clock.ts'
import type { Language } from './wording.ts'

export type Slots = Record<string, string>

const CLIENTS: Record<Language, string[]> = {
  en: [
    'Hargreave Dairy', 'Pemberton School', 'St. Aldric Care Home', 'Tulip & Son Bakery', 'Mossbank Apartments',
    'Dunlin Hotel', 'Corvale Logistics', 'Riverside Clinic', 'Old Mill Brewery', 'Beech Avenue Housing'
  ],
  de: [
    'Autohaus Wendt', 'Hotel Seeblick', 'Hausverwaltung Krohn', 'Bäckerei Tiedemann', 'Kita Regenbogen',
    'Praxis Dr. Albers', 'Brauerei Lahnstein', 'Spedition Maurer'
  ]
}

const TECHNICIANS: Record<Language, string[]> = {
  en: ['Pete', 'Mick', 'Sandra', 'Dylan', 'Carlos', 'Aisha', 'Bronwen', 'Lukasz', 'Trevor', 'Naomi', 'Ravindra', 'Joel'],
  de: ['Matthias', 'Sven', 'Jörg', 'Murat', 'Steffi', 'Tobias', 'Ralf', 'Marek', 'Birgit']
}

const BROWSERS = ['Chrome 141', 'Firefox 143', 'Edge 141', 'Safari 18', 'Firefox on Linux', 'Chrome on a tablet']
const PHONES = ['Galaxy A54', 'Pixel 8', 'iPhone 13', 'iPhone SE', 'Galaxy XCover 6', 'Moto G84']

export function drawSlots (chance: Chance, at: number, language: Language): Slots {
  const [tech = '', tech2 = ''] = chance.shuffled(TECHNICIANS[language])
  const euros = chance.int(48, 2900)
  const cents = String(chance.int(0, 19) * 5).padStart(2, '0')
  return {
    invoice: `RI-2026-${String(chance.int(310, 6890)).padStart(5, '0')}`,
    job: `V-${chance.int(20_400, 48_900)}`,
    client: chance.pick(CLIENTS[language]),
    tech,
    tech2,
    browser: chance.pick(BROWSERS),
    phone: chance.pick(PHONES),
    date: dayName(at - chance.int(1, 8) * DAY, language),
    soon: dayName(at + chance.int(1, 9) * DAY, language),
    month: monthName(at - 31 * DAY, language),
    now: monthName(at, language),
    time: `${chance.int(7, 16)}:${chance.pick(['05', '10', '20', '35', '40', '50'])}`,
    amount: language === 'de' ? `${euros},${cents} Euro` : `€${euros}.${cents}`,
    n: String(chance.int(4, 18))
  }
}

export function fill (template: string, slots: Slots): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => slots[name] ?? whole)
}

function dayName (at: number, language: Language): string {
  const day = new Date(at * 1000).getUTCDate()
  return language === 'de' ? `${day}. ${monthName(at, 'de')}` : `${day} ${monthName(at, 'en')}`
}

function monthName (at: number, language: Language): string {
  const locale = language === 'de' ? 'de-DE' : 'en-GB'
  return new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' }).format(new Date(at * 1000))
}
