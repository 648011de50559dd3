/** A number with what it counts: `1 tenant`, `2 tenants`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
