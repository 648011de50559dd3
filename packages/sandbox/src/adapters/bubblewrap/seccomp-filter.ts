import { ALLOWED_SYSTEM_CALLS, NAMESPACE_FLAGS, SOCKET_FAMILIES } from '../../program/allowed-system-calls.ts'
import { SYSTEM_CALL_TABLES, type SystemCallTable } from './system-call-numbers.ts'

/** Offsets in `struct seccomp_data`; an argument's lower half comes first, as both architectures are little-endian. */
const NUMBER_AT = 0
const ARCHITECTURE_AT = 4
const ARGUMENT_AT = 16

/** Classic BPF as in `linux/bpf_common.h`. */
const LOAD = 0x20
const JUMP_IF_EQUAL = 0x15
const JUMP_IF_AT_LEAST = 0x35
const JUMP_IF_ANY_BIT = 0x45
const RETURN = 0x06
const INSTRUCTION_BYTES = 8

const ALLOW = 0x7fff0000
const KILL_PROCESS = 0x80000000
const EPERM = 1
const ENOSYS = 38
const refuse = (errno: number): number => 0x00050000 | errno

/** With it a process could outlive the one that it must die with. */
const PR_SET_PDEATHSIG = 1

/** One instruction: a code, where to go on if it holds and if not, and a constant. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, constant: number]

/**
 * The filter of a guest's system calls as classic BPF, as `bwrap --seccomp` reads it: those that are allowed pass, all others
 * fail with EPERM, and calls of another architecture end the process.
 * `refused` names calls that fail, too, though they are on the list.
 * @returns undefined where the architecture's numbers are not known.
 */
export function seccompFilter(
  architecture: NodeJS.Architecture,
  refused: readonly string[] = [],
): Buffer | undefined {
  const table = SYSTEM_CALL_TABLES[architecture]
  return table === undefined ? undefined : assemble(instructions(table, refused))
}

function instructions(table: SystemCallTable, refused: readonly string[]): readonly Instruction[] {
  const { numbers } = table
  const plain = ALLOWED_SYSTEM_CALLS.filter((name) => ![...refused, 'prctl'].includes(name)).flatMap(
    (name) => numbers.get(name) ?? [],
  )
  return [
    [LOAD, 0, 0, ARCHITECTURE_AT],
    [JUMP_IF_EQUAL, 1, 0, table.architecture],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER_AT],
    ...rangesOf(plain).flatMap(allowRange),
    ...when(numbers.get('clone3'), [[RETURN, 0, 0, refuse(ENOSYS)]]),
    ...when(numbers.get('clone'), [
      [LOAD, 0, 0, ARGUMENT_AT],
      [JUMP_IF_ANY_BIT, 1, 0, NAMESPACE_FLAGS],
      [RETURN, 0, 0, ALLOW],
      [RETURN, 0, 0, refuse(EPERM)],
    ]),
    ...when(numbers.get('prctl'), [
      [LOAD, 0, 0, ARGUMENT_AT],
      [JUMP_IF_EQUAL, 1, 0, PR_SET_PDEATHSIG],
      [RETURN, 0, 0, ALLOW],
      [RETURN, 0, 0, refuse(EPERM)],
    ]),
    ...when(numbers.get('socket'), [
      [LOAD, 0, 0, ARGUMENT_AT],
      ...SOCKET_FAMILIES.flatMap((family): readonly Instruction[] => [
        [JUMP_IF_EQUAL, 0, 1, family],
        [RETURN, 0, 0, ALLOW],
      ]),
      [RETURN, 0, 0, refuse(EPERM)],
    ]),
    [RETURN, 0, 0, refuse(EPERM)],
  ]
}

/** Numbers that follow one another, as first and last. */
function rangesOf(numbers: readonly number[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = []
  for (const number of numbers.toSorted((left, right) => left - right)) {
    const last = ranges.at(-1)
    if (last !== undefined && number <= last[1] + 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges
}

function allowRange([first, last]: readonly [number, number]): readonly Instruction[] {
  if (first === last) {
    return [
      [JUMP_IF_EQUAL, 0, 1, first],
      [RETURN, 0, 0, ALLOW],
    ]
  }
  return [
    [JUMP_IF_AT_LEAST, 0, 2, first],
    [JUMP_IF_AT_LEAST, 1, 0, last + 1],
    [RETURN, 0, 0, ALLOW],
  ]
}

/** What is done for one call; it must return. */
function when(number: number | undefined, then: readonly Instruction[]): readonly Instruction[] {
  return number === undefined ? [] : [[JUMP_IF_EQUAL, 0, then.length, number], ...then]
}

function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * INSTRUCTION_BYTES)
  for (const [index, [code, ifTrue, ifFalse, constant]] of program.entries()) {
    const at = index * INSTRUCTION_BYTES
    bytes.writeUInt16LE(code, at)
    bytes.writeUInt8(ifTrue, at + 2)
    bytes.writeUInt8(ifFalse, at + 3)
    bytes.writeUInt32LE(constant, at + 4)
  }
  return bytes
}
