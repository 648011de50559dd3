const ELISION = new RegExp(
  [
    '\\.\\.\\.|…',
    '\\b(?:omitted|truncated|abbreviated|elided|abridged|shortened|snip(?:ped)?|etc|and so on|and so forth)\\b',
    '\\b(?:for brevity|left out|not shown|same as (?:above|before)|as above|and more|likewise|repeat(?:ed|s)? (?:for|as|the)|to be (?:filled|completed|continued))\\b',
    '\\brest (?:of|is|are|as|goes|here|remains?|follows?|unchanged)\\b',
    '\\b(?:more|other|others|remaining|additional|further|similar|existing|rest of the)(?: \\w+)? (?:here|below|follows?|fields?|items?|entries|records?|rows?|values?|elements?|objects?|results?|keys?|properties|members?|data)\\b',
    '\\bcontinue[sd]?(?: \\w+)? (?:here|for|with|in|as|below|similarly|likewise|until|till|to|up)\\b',
    '\\b(?:add|insert|fill in|put|place) (?:more|your|the (?:rest|remaining|other))\\b',
    '\\b(?:\\d+|many|some|several|few) (?:more|others?)\\b',
    '^\\W*(?:rest|more|remaining|others?|continued?|unchanged|TODO\\b.*)\\W*$',
  ].join('|'),
  'i',
)

/** Whether a comment says that something is left out where it stands. */
export function isElision(comment: string): boolean {
  return ELISION.test(comment)
}

/** Whether dots that stand for what is left out begin at `at`. */
export function beginsElision(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x2026 || text.startsWith('...', at)
}
