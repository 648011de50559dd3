import type { ExecutionLimits } from '../execution-limits.ts'
import type { SandboxLanguage } from '../execution-request.ts'
import type { ExecutionStatus } from '../execution-result.ts'

/** One thing that a hostile program may try, and how it may end. */
export interface ProgramAbuse {
  readonly title: string
  readonly language: SandboxLanguage
  readonly code: string
  /** The statuses that are right; more than one where a race inside the sandbox decides. */
  readonly statuses: readonly ExecutionStatus[]
  /** Whether the program itself must have found that it was contained, and said so. */
  readonly isContainedByItsWord?: boolean
  /** Whether a kernel of the guest's own may grant it: nothing of the host is behind it there. */
  readonly isHarmlessInOwnKernel?: boolean
  readonly limits?: Partial<ExecutionLimits>
  /** Whether it stands for others in the short form. */
  readonly isShortForm?: boolean
}

const HURRIED = { timeoutMs: 1500 }
const PATIENT = { timeoutMs: 60_000 }

/** A Python program whose attempt must fail; what it got out is printed and is no containment. */
function attempt(title: string, lines: string, isShortForm = false): ProgramAbuse {
  const body = lines
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
  const code = `import os\ndef attempt():\n${body}\ntry:\n    got = attempt()\nexcept (OSError, ImportError, AttributeError) as error:\n    got = None\nprint('contained' if not got else 'GOT ' + repr(got))`
  return {
    title,
    language: 'python',
    code,
    statuses: ['completed'],
    isContainedByItsWord: true,
    limits: PATIENT,
    isShortForm,
  }
}

/** A Python program whose system call must fail. */
function systemCall(title: string, call: string, isShortForm = false): ProgramAbuse {
  return attempt(
    title,
    `import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.syscall.restype = ctypes.c_long\nresult = ${call}\nreturn None if result < 0 else ['result', result]`,
    isShortForm,
  )
}

/** A Python program whose system call must fail, save in a kernel that is not the host's. */
function ownKernelMay(title: string, call: string, isShortForm = false): ProgramAbuse {
  return { ...systemCall(title, call, isShortForm), isHarmlessInOwnKernel: true }
}

function ends(
  title: string,
  language: SandboxLanguage,
  code: string,
  statuses: readonly ExecutionStatus[],
  more: Partial<ProgramAbuse> = {},
): ProgramAbuse {
  return { title, language, code, statuses, limits: PATIENT, ...more }
}

/** What every backend that runs whole programs must bear. The numbers of system calls are those of x86-64. */
export const PROGRAM_ABUSES: readonly ProgramAbuse[] = [
  ends('a loop on the processor', 'python', 'while True: pass', ['timed-out'], {
    limits: HURRIED,
    isShortForm: true,
  }),
  ends('a sleep beyond the deadline', 'python', 'import time; time.sleep(600)', ['timed-out'], {
    limits: HURRIED,
  }),
  ends(
    'a program that ignores every signal',
    'python',
    'import signal\nfor s in range(1, 32):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass',
    ['timed-out'],
    { limits: { timeoutMs: 4000 }, isShortForm: true },
  ),
  ends(
    'a fork bomb',
    'python',
    'import os\nwhile True:\n    try: os.fork()\n    except OSError: pass',
    ['timed-out', 'killed', 'out-of-memory'],
    { limits: { timeoutMs: 5000 }, isShortForm: true },
  ),
  ends(
    'a fork bomb in a shell',
    'shell',
    'bomb() { bomb | bomb & }; bomb; sleep 60',
    ['timed-out', 'killed', 'out-of-memory', 'failed', 'completed'],
    { limits: { timeoutMs: 5000 } },
  ),
  ends(
    'a thread bomb',
    'python',
    'import _thread, time\nwhile True:\n    try: _thread.start_new_thread(time.sleep, (600,))\n    except RuntimeError: pass',
    ['timed-out', 'killed', 'out-of-memory'],
    { limits: { timeoutMs: 5000 } },
  ),
  ends(
    'a memory bomb',
    'python',
    'kept = []\nwhile True: kept.append(bytearray(1 << 20))',
    ['out-of-memory'],
    {
      isShortForm: true,
    },
  ),
  ends('a memory bomb of strings', 'python', 'text = "x"\nwhile True: text += text', [
    'out-of-memory',
    'failed',
  ]),
  ends(
    'a memory bomb in a child',
    'python',
    'import os\npid = os.fork()\nif pid == 0:\n    kept = []\n    while True: kept.append(bytearray(1 << 20))\n_, status = os.waitpid(pid, 0)\nprint("child", status)',
    ['completed', 'out-of-memory'],
  ),
  ends(
    'memory as a file',
    'python',
    'import os\nfd = os.memfd_create("x")\nblock = bytes(1 << 20)\nwhile True: os.write(fd, block)',
    ['out-of-memory', 'failed', 'killed'],
  ),
  ends(
    'a full disk',
    'python',
    'with open("big", "wb") as file:\n    while True: file.write(bytes(1 << 20))',
    ['failed', 'out-of-memory'],
    { isShortForm: true },
  ),
  ends(
    'a full disk of small files',
    'python',
    'i = 0\nwhile True:\n    open(f"f{i}", "w").close()\n    i += 1',
    ['failed', 'out-of-memory', 'timed-out'],
    { limits: { timeoutMs: 10_000 } },
  ),
  ends(
    'a file with a hole of a terabyte',
    'python',
    'import os\nfile = open("out/hole", "wb")\nos.ftruncate(file.fileno(), 1 << 40)',
    ['output-limit', 'failed'],
    { isShortForm: true },
  ),
  ends('a flood of standard output', 'python', 'while True: print("x" * 1000)', ['output-limit'], {
    isShortForm: true,
  }),
  ends('a flood of standard error', 'python', 'import sys\nwhile True: print("x" * 1000, file=sys.stderr)', [
    'output-limit',
  ]),
  ends('a flood of output without an end of line', 'shell', 'yes | tr -d "\\n"', ['output-limit']),
  ends(
    'a flood of output by many processes',
    'python',
    'import os\nfor _ in range(4): os.fork()\nwhile True: os.write(1, b"x" * 65536)',
    ['output-limit'],
  ),
  ends('a huge trace of an exception', 'python', 'raise ValueError("x" * (8 << 20))', ['output-limit']),
  ends('deep recursion', 'python', 'def f(n): return f(n + 1)\nf(0)', ['failed']),
  ends(
    'deep recursion without the interpreter limit',
    'python',
    'import sys\nsys.setrecursionlimit(1 << 30)\ndef f(n): return f(n + 1)\nf(0)',
    ['killed', 'out-of-memory', 'failed'],
  ),
  ends('an infinite generator made a list', 'python', 'def g():\n    while True: yield 1\nlist(g())', [
    'out-of-memory',
  ]),
  ends('a number with a billion digits', 'python', '1 << (1 << 40)', ['failed', 'out-of-memory']),
  ends('a power tower', 'python', '9 ** 9 ** 9', ['timed-out', 'out-of-memory'], { limits: HURRIED }),
  ends(
    'a zip bomb',
    'python',
    'import zlib\ndata = bytes(1 << 20)\nfor _ in range(3): data = zlib.compress(data * 200)\nout = zlib.decompressobj()\nkept = [zlib.decompress(zlib.decompress(data)) for _ in range(9)]',
    ['out-of-memory', 'failed', 'timed-out'],
  ),
  ends(
    'a double fork that outlives the program',
    'python',
    'import os, time\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(600)\n    os._exit(0)\nprint("gone")',
    ['completed'],
    { isShortForm: true },
  ),
  ends(
    'a kill of process 1',
    'python',
    'import os\nos.kill(1, 9)\nprint("still here")',
    ['completed', 'killed'],
    {
      isShortForm: true,
    },
  ),
  ends('a kill of every process', 'python', 'import os\nos.kill(-1, 9)\nprint("still here")', [
    'completed',
    'killed',
    'failed',
  ]),
  ends(
    'a stop of process 1',
    'python',
    'import os, signal\nos.kill(1, signal.SIGSTOP)\nprint("still here")',
    ['completed', 'killed', 'timed-out'],
    { limits: { timeoutMs: 4000 } },
  ),
  ends('a crash of the interpreter', 'python', 'import os, signal; os.kill(os.getpid(), signal.SIGSEGV)', [
    'killed',
  ]),
  ends('an exit without good-bye', 'python', 'import os; os._exit(7)', ['failed']),
  ends(
    'a forged end frame',
    'python',
    'import os\nmemory = open("/proc/1/cmdline", "rb").read()\nos.write(1, b"end-" + b"0" * 32 + b" 0\\n" + bytes(1024))\nos._exit(9)',
    ['failed'],
  ),
  ends('closed streams', 'python', 'import os\nfor fd in range(3): os.close(fd)', ['completed', 'failed']),
  ends(
    'a link to a file of the image among the files',
    'python',
    'import os; os.symlink("/etc/passwd", "out/passwd")',
    ['failed'],
    { isShortForm: true },
  ),
  ends(
    'a link in place of the folder for files',
    'python',
    'import os; os.rmdir("out"); os.symlink("/etc", "out")',
    ['completed', 'failed'],
  ),
  ends('a pipe among the files', 'python', 'import os; os.mkfifo("out/pipe")', ['failed']),
  ends('a name with a line break among the files', 'python', 'open("out/a\\nb", "w").close()', ['failed']),
  ends('a name that turns the direction of text', 'python', 'open("out/\\u202etxt.exe", "w").close()', [
    'failed',
  ]),
  ends('a name that is no text', 'python', 'open(b"out/\\xff\\xfe", "w").close()', ['failed']),
  ends(
    'two names that differ in case alone',
    'python',
    'open("out/a", "w").close(); open("out/A", "w").close()',
    ['failed'],
  ),
  ends('a name longer than any header', 'python', 'open("out/" + "x" * 200, "w").close()', ['failed']),
  ends('too many files', 'python', 'for i in range(1000): open(f"out/{i}", "w").close()', ['output-limit'], {
    isShortForm: true,
  }),
  ends('files that are too large', 'python', 'open("out/big", "wb").write(bytes(30 << 20))', [
    'output-limit',
  ]),
  attempt('a write to the root', 'open("/owned", "w")\nreturn 1', true),
  attempt('a write to /etc', 'open("/etc/passwd", "a")\nreturn 1'),
  attempt(
    'a write to the kernel settings',
    'open("/proc/sys/kernel/core_pattern", "w").write("|/bin/sh")\nreturn 1',
  ),
  attempt('a write to /sys', 'open("/sys/kernel/uevent_helper", "w").write("/bin/sh")\nreturn 1'),
  attempt('a trigger of the kernel', 'open("/proc/sysrq-trigger", "w").write("b")\nreturn 1'),
  attempt(
    'reading memory of the kernel',
    'return open("/proc/kcore", "rb").read(1) or open("/dev/mem", "rb").read(1)',
  ),
  attempt(
    'reading a disk',
    'return [each for each in os.listdir("/dev") if each.startswith(("sd", "vd", "xvd", "nvme", "dm-", "loop", "mem", "kvm"))]',
  ),
  attempt(
    'making a device',
    'import stat\nos.mknod("/tmp/disk", stat.S_IFBLK | 0o666, os.makedev(8, 0))\nreturn open("/tmp/disk", "rb").read(1)',
    true,
  ),
  attempt(
    'executing a file it wrote',
    'open("/tmp/x", "w").write("#!/bin/sh\\necho out")\nos.chmod("/tmp/x", 0o755)\nos.posix_spawn("/tmp/x", ["x"], {})\nreturn 1',
  ),
  attempt(
    'the socket of the engine',
    'return [p for p in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock") if os.path.exists(p)]',
    true,
  ),
  attempt(
    'secrets in the environment',
    'return [name for name in os.environ if name not in ("PATH", "HOME", "LANG", "LC_CTYPE", "HOSTNAME", "PWD", "SHLVL", "TERM")]',
    true,
  ),
  attempt(
    'secrets of process 1',
    'names = [each.split(b"=")[0] for each in open("/proc/1/environ", "rb").read().split(b"\\0") if each]\nreturn [name for name in names if name not in (b"PATH", b"HOME", b"LANG", b"HOSTNAME", b"PWD")]',
  ),
  attempt(
    'processes of the host',
    'return [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) > 100]',
  ),
  attempt('becoming root', 'os.setuid(0)\nreturn 1', true),
  attempt(
    'a program that makes one root',
    'return [p for d in ("/bin", "/usr/bin") for p in [os.path.join(d, n) for n in os.listdir(d)] if os.path.exists(p) and os.stat(p).st_mode & 0o6000]',
  ),
  attempt(
    'capabilities',
    'lines = [l for l in open("/proc/self/status") if l.startswith(("CapEff", "CapPrm", "CapBnd", "CapAmb"))]\nreturn [l for l in lines if int(l.split()[1], 16)]',
    true,
  ),
  attempt(
    'the address of cloud metadata',
    'import socket\ns = socket.socket()\ns.settimeout(2)\ns.connect(("169.254.169.254", 80))\nreturn 1',
    true,
  ),
  attempt('a name server', 'import socket\nreturn socket.getaddrinfo("example.com", 80)'),
  attempt(
    'an address of the internet',
    'import socket\ns = socket.socket()\ns.settimeout(2)\ns.connect(("192.0.2.1", 443))\nreturn 1',
  ),
  attempt(
    'a datagram to the internet',
    'import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nreturn s.sendto(b"x", ("192.0.2.1", 53))',
  ),
  attempt(
    'loopback of the host',
    'import socket\nopen_ports = []\nfor port in (22, 80, 2375, 5432, 6379):\n    s = socket.socket()\n    s.settimeout(1)\n    if s.connect_ex(("127.0.0.1", port)) == 0: open_ports.append(port)\nreturn open_ports',
  ),
  attempt('a raw socket', 'import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\nreturn 1', true),
  attempt('a packet socket', 'import socket\nsocket.socket(17, socket.SOCK_RAW, 768)\nreturn 1'),
  attempt(
    'a socket to the hypervisor',
    'import socket\nsocket.socket(40, socket.SOCK_STREAM)\nreturn 1',
    true,
  ),
  systemCall('a mount', 'libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)', true),
  systemCall('leaving the root', 'libc.chroot(b"/tmp")'),
  systemCall('the host name', 'libc.sethostname(b"x", 1)'),
  systemCall('the clock of the machine', 'libc.syscall(164, ctypes.c_char_p(bytes(16)), None)'),
  systemCall('a kernel module', 'libc.syscall(175, b"x", 1, b"")'),
  systemCall('another kernel', 'libc.syscall(246, 0, 0, None, 0)'),
  systemCall('a program in the kernel', 'libc.syscall(321, 5, ctypes.c_char_p(bytes(128)), 128)'),
  ownKernelMay('the ring of requests', 'libc.syscall(425, 1, ctypes.c_char_p(bytes(120)))'),
  ownKernelMay('tracing another process', 'libc.ptrace(16, os.getppid(), None, None)'),
  ownKernelMay('reading memory of another process', 'libc.syscall(310, 1, None, 0, None, 0, 0)'),
  ownKernelMay('a user namespace', 'libc.unshare(0x10000000)', true),
  ownKernelMay('a mount namespace', 'libc.unshare(0x00020000)'),
  ownKernelMay('the namespace of another process', 'libc.setns(os.open("/proc/1/ns/net", os.O_RDONLY), 0)'),
  ownKernelMay('the keys of the session', 'libc.syscall(250, 0, -3, 1, 0, 0)', true),
  ownKernelMay('a key', 'libc.syscall(248, b"user", b"name", b"x", 1, -3)'),
  systemCall('faults handled by the program', 'libc.syscall(323, 0)'),
  systemCall('performance events', 'libc.syscall(298, ctypes.c_char_p(bytes(128)), 0, -1, -1, 0)'),
  systemCall('opening files by handle', 'libc.syscall(304, -100, ctypes.c_char_p(bytes(64)), 0)'),
  systemCall('a reboot', 'libc.reboot(0x01234567)'),
]
