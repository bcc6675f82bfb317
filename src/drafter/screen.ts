// Text that speaks to the machine instead of to a person. Such a question is answered by what was learned, and never goes
// to a model. The screen only keeps a model out of play: no effect hangs on it, so what slips through can word a draft
// badly and do nothing else.

// Invisible characters are gone before (text.ts); letters that only look Latin are read as Latin.
const LOOKALIKES: Readonly<Record<string, string>> = {
  а: 'a', е: 'e', о: 'o', р: 'p', с: 'c', у: 'y', х: 'x', і: 'i', ѕ: 's', ο: 'o', α: 'a', ε: 'e', ι: 'i', ν: 'v', 0: 'o', 1: 'i', 3: 'e', '@': 'a', $: 's'
}

const ASKS = [
  /\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:previous|prior|above|earlier|all|any|your|these|system)\b.{0,40}\b(?:instructions?|prompts?|rules?|guidelines?|directions?|context|polic(?:y|ies))/,
  /\b(?:system|developer|hidden|initial) ?(?:prompt|message|instructions?)\b/,
  /\byou are (?:now|no longer)\b|\bact as (?:a|an|the|if)\b.{0,60}\b(?:admin|root|assistant|model|system|developer|dan)\b|\bjailbreak|\bdeveloper mode\b|\bdo anything now\b/,
  /\b(?:as|dear|hello|hey|attention),? ?(?:an? )?(?:ai|llm|language model|assistant|chatbot|gpt|deskioop|deskloop)\b[^.]{0,60}\b(?:must|should|shall|please|need to|write|send|post|close|say|reveal|print|output)/,
  /\b(?:reveal|print|show|output|leak|exfiltrate|send|post)\b.{0,50}\b(?:api ?keys?|secrets?|tokens?|passwords?|credentials|system prompt|other customers?|customer data|database)\b/,
  /\b(?:close|delete|merge|escalate|solve|reopen)\b.{0,20}\b(?:all|every|other)\b.{0,20}\b(?:tickets?|conversations?|issues?|accounts?)\b/,
  /\b(?:ignorier\w*|vergiss|missachte)\b.{0,40}\b(?:anweisung\w*|vorgaben|regeln|instruktion\w*)/,
  /\b(?:ignore[zr]?|oublie[zr]?)\b.{0,40}\b(?:instructions?|consignes|regles)/,
  /\b(?:ignora|olvida|dimentica|esqueca|ignore)\b.{0,40}\b(?:instrucciones|istruzioni|instrucoes|reglas|regole|regras)/,
  /\b(?:negeer|vergeet)\b.{0,40}\b(?:instructies|regels)/,
  /\b(?:zignoruj|zapomnij)\b.{0,40}\b(?:instrukcj\w*|polecen\w*)/,
  /\b(?:ignoriruj\w*|zabud\w*)\b.{0,40}\binstrukc/,
  /<\|?(?:im_start|im_end|system|endoftext|assistant)\|?>|\[\/?inst\]|<<sys>>|^\s*(?:system|assistant|developer)\s*:/m,
  /\b(?:base ?64|rot ?13|hex)\b.{0,40}\b(?:decode|decrypt|follow|execute|instructions?)|\b(?:decode|decrypt)\b.{0,40}\b(?:base ?64|rot ?13|hex|following)\b/,
  /忽略.{0,20}(?:指令|提示|说明)|無視.{0,20}(?:指示|命令)|(?:指示|命令).{0,10}無視|игнорируй.{0,40}инструкц|забудь.{0,40}инструкц|تجاهل.{0,40}(?:التعليمات|الأوامر)/
]

/** Whether a text holds an instruction to a machine. Linear in its length. */
export function speaksToMachine (text: string): boolean {
  const lower = text.slice(0, 20_000).toLowerCase().normalize('NFKC')
  const plain = lower.normalize('NFD').replace(/\p{M}/gu, '')
  const latin = [...plain].map(c => LOOKALIKES[c] ?? c).join('')
  const forms = [lower, plain, latin, latin.replace(/(?<=\b\w)[ .*_-](?=\w\b)/g, '')].map(f => f.replace(/[ \t]+/g, ' '))
  if (forms.some(form => ASKS.some(ask => form.split('\n').some(line => ask.test(line.slice(0, 4_000)))))) return true
  return unwrapped(text).some(inner => ASKS.some(ask => ask.test(inner.toLowerCase())))
}

// What stands in the text as base64 or ROT13.
function unwrapped (text: string): string[] {
  const found = (text.match(/[A-Za-z0-9+/]{24,4000}={0,2}/g) ?? []).slice(0, 20).flatMap(code => {
    try { return [atob(code.slice(0, code.length - code.length % 4))] } catch { return [] }
  })
  const turned = text.slice(0, 20_000).replace(/[a-z]/gi, c => {
    const base = c <= 'Z' ? 65 : 97
    return String.fromCharCode((c.charCodeAt(0) - base + 13) % 26 + base)
  })
  return [...found, turned]
}
