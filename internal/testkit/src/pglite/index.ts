export { emptyPglite, preparedPglite } from './prepared-pglite.ts'
