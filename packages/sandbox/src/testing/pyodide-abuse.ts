import type { ExecutionStatus } from '../execution-result.ts'
import type { ProgramAbuse } from './program-abuse.ts'

const HURRIED = { timeoutMs: 1500 }
const PATIENT = { timeoutMs: 60_000 }

function ends(
  title: string,
  code: string,
  statuses: readonly ExecutionStatus[],
  more: Partial<ProgramAbuse> = {},
): ProgramAbuse {
  return { title, language: 'python', code, statuses, limits: PATIENT, ...more }
}

/** A program whose attempts must all fail; what one of them got is printed and is no containment. */
function attempts(title: string, setup: string, tries: readonly string[], isShortForm = false): ProgramAbuse {
  const code = `${setup}
got = []
def attempt(expression):
    try:
        result = eval(expression)
        if result not in (None, False, 0, [], ''): got.append((expression, repr(result)[:80]))
    except BaseException: pass
for expression in ${JSON.stringify(tries)}: attempt(expression)
print('contained' if not got else 'GOT ' + repr(got))`
  return ends(title, code, ['completed'], { isContainedByItsWord: true, isShortForm })
}

const JAVASCRIPT = `from pyodide.ffi import to_js, create_proxy
array = to_js([1, 2])
thrown = None
try: array.constructor.constructor('return 1')
except BaseException as error: thrown = error`

/** What Pyodide in its child process must bear of Python programs: each bound, and each known way to the host's objects. */
export const PYODIDE_ABUSES: readonly ProgramAbuse[] = [
  ends('a loop on the processor', 'while True: pass', ['timed-out'], { limits: HURRIED }),
  ends('a sleep beyond the deadline', 'import time; time.sleep(600)', ['timed-out'], { limits: HURRIED }),
  ends(
    'a program that ignores every signal',
    'import signal\nfor s in range(1, 32):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass',
    ['timed-out'],
    { limits: HURRIED },
  ),
  ends(
    'a regular expression that backtracks for ever',
    'import re; re.match("(a+)+$", "a" * 60 + "b")',
    ['timed-out'],
    { limits: HURRIED },
  ),
  ends('a power tower', '9 ** 9 ** 9', ['timed-out', 'out-of-memory'], { limits: HURRIED }),
  ends('a memory bomb', 'kept = []\nwhile True: kept.append(bytearray(1 << 20))', ['out-of-memory'], {
    isShortForm: true,
  }),
  ends('a memory bomb of strings', 'text = "x"\nwhile True: text += text', ['out-of-memory']),
  ends('an infinite generator made a list', 'def g():\n    while True: yield 1\nlist(g())', [
    'out-of-memory',
  ]),
  ends('a number with a billion digits', '1 << (1 << 40)', ['out-of-memory', 'failed']),
  ends(
    'a zip bomb',
    'import zlib\ndata = bytes(1 << 20)\nfor _ in range(3): data = zlib.compress(data * 200)\nkept = [zlib.decompress(zlib.decompress(data)) for _ in range(9)]',
    ['out-of-memory', 'timed-out'],
  ),
  ends(
    'memory of JavaScript, in buffers',
    'from pyodide.ffi import to_js\nkept = []\nblock = bytes(1 << 24)\nwhile True: kept.append(to_js(block))',
    ['out-of-memory', 'timed-out'],
  ),
  ends(
    'memory of JavaScript, in objects',
    'from pyodide.ffi import to_js\nkept = []\nblock = list(range(100000))\nwhile True: kept.append(to_js(block))',
    ['out-of-memory', 'killed', 'timed-out'],
  ),
  ends(
    'a full disk',
    'with open("big", "wb") as file:\n    while True: file.write(bytes(1 << 20))',
    ['failed'],
    {
      isShortForm: true,
    },
  ),
  ends('a full disk of small files', 'i = 0\nwhile True:\n    open(f"f{i}", "w").close()\n    i += 1', [
    'failed',
    'out-of-memory',
    'killed',
    'timed-out',
  ]),
  ends(
    'a file with a hole of a terabyte',
    'import os\nfile = open("out/hole", "wb")\nos.ftruncate(file.fileno(), 1 << 40)',
    ['failed', 'output-limit'],
  ),
  ends('a flood of standard output', 'while True: print("x" * 1000)', ['output-limit'], {}),
  ends('a flood of standard error', 'import sys\nwhile True: print("x" * 1000, file=sys.stderr)', [
    'output-limit',
  ]),
  ends('a huge trace of an exception', 'raise ValueError("x" * (8 << 20))', ['output-limit']),
  ends('deep recursion', 'def f(n): return f(n + 1)\nf(0)', ['failed']),
  ends(
    'deep recursion without the interpreter limit',
    'import sys\nsys.setrecursionlimit(1 << 30)\ndef f(n): return f(n + 1)\nf(0)',
    ['failed', 'killed', 'out-of-memory'],
  ),
  ends('an abort', 'import os; os.abort()', ['failed']),
  ends('an exit without good-bye', 'import os; os._exit(7)', ['failed', 'killed']),
  ends('a kill of itself', 'import os; os.kill(os.getpid(), 9)', ['completed', 'failed', 'killed']),
  ends('reading memory at address 0', 'import ctypes; ctypes.string_at(0)', [
    'completed',
    'failed',
    'killed',
  ]),
  ends('a link among the files', 'import os; os.symlink("/lib", "out/lib")', ['failed'], {}),
  ends('a name with a line break among the files', 'open("out/a\\nb", "w").close()', ['failed']),
  ends('a name that turns the direction of text', 'open("out/\\u202etxt.exe", "w").close()', ['failed']),
  ends('two names that differ in case alone', 'open("out/a", "w").close(); open("out/A", "w").close()', [
    'failed',
  ]),
  ends('a name longer than any header', 'open("out/" + "x" * 200, "w").close()', ['failed']),
  ends('too many files', 'for i in range(1000): open(f"out/{i}", "w").close()', ['output-limit']),
  ends('files that are too large', 'open("out/big", "wb").write(bytes(30 << 20))', ['output-limit']),
  attempts(
    'files of the host',
    'import os',
    [
      'open("/etc/passwd").read()',
      'open("/etc/hostname").read()',
      'open("/proc/1/environ").read()',
      'os.path.exists("/root")',
    ],
    true,
  ),
  attempts('secrets in the environment', 'import os', [
    '[n for n in os.environ if n not in ("HOME", "PATH", "LANG", "USER", "LOGNAME", "PWD", "_", "PYTHONHOME", "PYTHONINSPECT", "LD_LIBRARY_PATH")]',
  ]),
  ends('a process by a shell', 'import os\nif os.system("id") != 0: raise OSError', ['failed'], {}),
  ends('a process by fork', 'import os\nos.fork()', ['failed']),
  ends('a process in place of this one', 'import os\nos.execv("/bin/sh", ["sh", "-c", "id"])', ['failed']),
  ends('a process by posix_spawn', 'import os\nos.posix_spawn("/bin/sh", ["sh"], {})', ['failed']),
  ends('a process by subprocess', 'import subprocess\nsubprocess.run(["id"], check=True)', ['failed']),
  attempts('a thread', 'import _thread', ['_thread.start_new_thread(print, (1,)) or 1']),
  attempts('the global object of JavaScript', 'import importlib', [
    '__import__("js").process',
    '__import__("js").globalThis',
    '__import__("js").eval',
    '__import__("js").fetch',
    'importlib.import_module("js").require',
  ]),
  attempts(
    "Pyodide's own interface",
    'import sys, importlib',
    [
      '__import__("pyodide_js")',
      'importlib.import_module("pyodide_js._module")',
      '__import__("pyodide_js").mountNodeFS("/m", "/etc")',
      'sys.modules["pyodide_js"]',
    ],
    true,
  ),
  attempts('objects of JavaScript among all that Python holds', 'import gc', [
    '[repr(o)[:60] for o in gc.get_objects() if type(o).__name__ == "JsProxy" and not repr(o).startswith("[object Object]")]',
  ]),
  attempts(
    'code of JavaScript from a string',
    JAVASCRIPT,
    [
      'array.constructor.constructor("return process.pid")()',
      'array.push.constructor("return process.pid")()',
      'array.constructor.constructor.prototype.constructor("return process.pid")()',
      'thrown.constructor.constructor("return process.pid")()',
      '__import__("pyodide.code").code.run_js("process.pid")',
      'to_js(lambda: 1).constructor("return process.pid")()',
    ],
    true,
  ),
  attempts(
    'objects of the host by the trace of an error',
    `${JAVASCRIPT}
frames = []
def prepare(error, calls):
    for call in calls: frames.append((call.getThis(), call.getFunction()))
    return 'x'
try:
    base = thrown.constructor.__proto__
    base.prepareStackTrace = create_proxy(prepare)
    array.constructor.constructor('return 1')
except BaseException as error:
    try: error.stack
    except BaseException: pass`,
    // The interpreter's own instance, and its functions by number, are what runs the guest, and nothing of the host.
    [
      '[repr(each) for pair in frames for each in pair if each is not None and "undefined" not in repr(each) and "WebAssembly.Instance" not in repr(each) and not repr(each).isdigit()]',
    ],
  ),
  attempts('the loader of Node', JAVASCRIPT, [
    'array.constructor.constructor.process',
    'array.constructor.constructor.require',
    'thrown.constructor.captureStackTrace.process',
    'to_js({}).constructor.process',
  ]),
  attempts('the way to the parent process', JAVASCRIPT, [
    '__import__("js").process.send("x")',
    'array.constructor.process.send("x")',
    '__import__("js").postMessage("x")',
  ]),
  attempts(
    'the network by Python',
    'import socket, urllib.request',
    [
      'socket.create_connection(("127.0.0.1", 22), 1)',
      'socket.create_connection(("169.254.169.254", 80), 1)',
      'urllib.request.urlopen("http://127.0.0.1/", timeout=1)',
      'socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock") or 1',
    ],
    true,
  ),
  attempts('the network by JavaScript', 'from pyodide.http import open_url, pyfetch', [
    'open_url("http://127.0.0.1/")',
    '__import__("js").fetch("http://127.0.0.1/")',
    '__import__("js").WebSocket.new("ws://127.0.0.1/")',
  ]),
  attempts('a package from elsewhere', '', ['__import__("micropip")', '__import__("numpy")']),
]
