import { describe, expect, it } from 'vitest'
import { tidyComponents } from './tidy-components.ts'

const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` })

describe('the components of a document', () => {
  it('are those that something refers to, through one another too', () => {
    const schemas = { A: { items: ref('B') }, B: { type: 'string' }, C: ref('A') }
    const document = { paths: { '/': ref('A') }, components: { schemas, securitySchemes: {} } }
    expect(tidyComponents(document)).toEqual({
      paths: { '/': ref('A') },
      components: { schemas: { A: schemas.A, B: schemas.B }, securitySchemes: {} },
    })
  })

  it('may refer to themselves', () => {
    const schemas = { A: { items: ref('A') } }
    expect(tidyComponents({ paths: ref('A'), components: { schemas } }).components.schemas).toEqual(schemas)
  })

  it('that are not there become any value', () => {
    expect(tidyComponents({ paths: { a: [ref('schema0')] }, components: {} })).toEqual({
      paths: { a: [{}] },
      components: { schemas: {} },
    })
  })
})
