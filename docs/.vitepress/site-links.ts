import type { MarkdownRenderer } from 'vitepress'
import { siteAddress } from './site-address.ts'

type Token = ReturnType<MarkdownRenderer['parse']>[number]

/** Lets links and pictures between files of the repository lead to pages of the site; a link to another file becomes plain text. */
export function siteLinks(md: MarkdownRenderer): void {
  md.core.ruler.push('site-links', (state) => {
    // VitePress says in its environment which page it renders.
    const { relativePath } = state.env as { readonly relativePath: string }
    for (const { children } of state.tokens) if (children !== null) rewrite(children, relativePath)
  })
}

function rewrite(tokens: readonly Token[], page: string): void {
  const isDropped: boolean[] = []
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const address = siteAddress(token.attrGet('href') ?? '', page)
      isDropped.push(address === undefined)
      if (address === undefined) silence(token)
      else token.attrSet('href', address)
    } else if (token.type === 'link_close') {
      if (isDropped.pop() === true) silence(token)
    } else if (token.type === 'image') {
      token.attrSet('src', siteAddress(token.attrGet('src') ?? '', page) ?? '')
    }
  }
}

function silence(token: Token): void {
  token.type = 'text'
  token.tag = ''
  token.content = ''
}
