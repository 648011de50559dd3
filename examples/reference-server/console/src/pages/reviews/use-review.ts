import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { api, dataOf } from '../../api/api.ts'
import type { paths } from '../../api/schema.d.ts'

type Answer<Path extends '/api/v1/reviews/{id}' | '/api/v1/reviews/{id}/explanation'> =
  paths[Path]['get']['responses'][200]['content']['application/json']

/** A round, whole. */
export type RoundView = Answer<'/api/v1/reviews/{id}'>
/** What the votes of a round changed. */
export type ExplanationView = Answer<'/api/v1/reviews/{id}/explanation'>
export type VoterView = ExplanationView['voters'][number]

/** A round with its votes. */
export function useRound(id: string): UseQueryResult<RoundView, Error> {
  return useQuery({
    queryKey: ['reviews', 'round', id],
    queryFn: ({ signal }) => dataOf(api.GET('/api/v1/reviews/{id}', { params: { path: { id } }, signal })),
  })
}

/** The explanation of a round: of how it ended, or of how it would end now. */
export function useExplanation(id: string): UseQueryResult<ExplanationView, Error> {
  return useQuery({
    queryKey: ['reviews', 'explanation', id],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/v1/reviews/{id}/explanation', { params: { path: { id } }, signal })),
  })
}
