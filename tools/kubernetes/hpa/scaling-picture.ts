import { AFTER_SECONDS, type ReplayPoint, SPIKE_SECONDS } from './replay-spike.ts'
import type { ServiceReplay } from './spike-replays.ts'

const WIDTH = 760
const HEIGHT = 260
const LEFT = 44
const RIGHT = 16
const TOP = 46
const BOTTOM = 36
/** What is shown: from five minutes before the spike. */
const FROM_SECONDS = -300
const UNTIL_SECONDS = SPIKE_SECONDS + AFTER_SECONDS / 2

/** The pods of a service over a spike, as SVG: the same text for the same replay. */
export function scalingPicture({ load, spec, asWritten, byPercent }: ServiceReplay): string {
  const top = spec.maxReplicas
  const label = `${load.service}: pods through ten times the ${load.unit}`
  const minutes = Array.from({ length: 14 }, (_, index) => index * 300 + FROM_SECONDS)
  const marks = [0, spec.minReplicas, asWritten.neededPods, top]
  const counts = marks.filter((mark, index) => marks.slice(index + 1).every((next) => next - mark > top / 15))
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="${LEFT}" y="18" font-size="14" fill="#1f2933">${label}</text>`,
    `<text x="${LEFT}" y="35" fill="#52606d"><tspan fill="#0b69a3">as written</tspan>, <tspan fill="#b44d12">doubling only (dashed)</tspan>; ready pods, the spike is shaded</text>`,
    `<rect x="${x(0)}" y="${TOP}" width="${(Number(x(SPIKE_SECONDS)) - Number(x(0))).toFixed(1)}" height="${HEIGHT - TOP - BOTTOM}" fill="#f0f4f8"/>`,
    ...counts.map(
      (count) =>
        `<path d="M${LEFT} ${y(count, top)}H${WIDTH - RIGHT}" stroke="#d9e2ec"/><text x="${LEFT - 8}" y="${(Number(y(count, top)) + 4).toFixed(1)}" text-anchor="end" fill="#52606d">${count}</text>`,
    ),
    ...minutes.map(
      (at) => `<text x="${x(at)}" y="${HEIGHT - 16}" text-anchor="middle" fill="#52606d">${at / 60}</text>`,
    ),
    `<text x="${WIDTH - RIGHT}" y="${HEIGHT - 3}" text-anchor="end" fill="#52606d">minutes from the start of the spike</text>`,
    `<path d="${steps(byPercent.points, top)}" fill="none" stroke="#b44d12" stroke-width="1.5" stroke-dasharray="5 4"/>`,
    `<path d="${steps(asWritten.points, top)}" fill="none" stroke="#0b69a3" stroke-width="2"/>`,
    '</svg>',
  ].join('\n')}\n`
}

function steps(points: readonly ReplayPoint[], top: number): string {
  let last: number | undefined
  let path = ''
  for (const { at, ready } of points) {
    if (at < FROM_SECONDS || at > UNTIL_SECONDS || ready === last) continue
    path += last === undefined ? `M${x(at)} ${y(ready, top)}` : `H${x(at)}V${y(ready, top)}`
    last = ready
  }
  return `${path}H${x(UNTIL_SECONDS)}`
}

function x(at: number): string {
  const share = (at - FROM_SECONDS) / (UNTIL_SECONDS - FROM_SECONDS)
  return (LEFT + share * (WIDTH - LEFT - RIGHT)).toFixed(1)
}

function y(count: number, top: number): string {
  return (HEIGHT - BOTTOM - (count / top) * (HEIGHT - TOP - BOTTOM)).toFixed(1)
}
