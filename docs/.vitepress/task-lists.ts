import type { MarkdownRenderer } from 'vitepress'

/** Shows `- [ ] …`, which GitHub takes for a box to tick, with such a box. */
export function taskLists(md: MarkdownRenderer): void {
  md.core.ruler.push('task-lists', (state) => {
    for (const { content, children } of state.tokens) {
      const [first] = children ?? []
      if (first?.type === 'text' && content.startsWith('[ ] ')) first.content = `☐${first.content.slice(3)}`
    }
  })
}
