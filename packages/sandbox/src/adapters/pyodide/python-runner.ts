import { PYTHON_EXECUTE } from '../../program/shims/python-execute.ts'

/**
 * Python that runs before the guest and gives the function that runs it: like `python main.py`, and it returns the exit code, or
 * -9 where memory ran out and nothing caught it.
 */
export const PYTHON_RUNNER: string = `
def _make_runner():
    import os, sys
${PYTHON_EXECUTE.replaceAll(/^(?=.)/gm, '    ')}
    def run(code, arguments, environment):
        os.environ.update(environment)
        sys.argv = ['main.py', *arguments]
        sys.path.insert(0, os.getcwd())
        main = type(sys)('__main__')
        main.__dict__['__builtins__'] = __builtins__
        sys.modules['__main__'] = main
        return flushed(execute(code, 'main.py', main, MemoryError))

    # The way to the host's own objects that needs no search. There are others: this is no boundary.
    for name in ('pyodide_js', 'js'):
        sys.modules.pop(name, None)
    return run

_make_runner()
`
