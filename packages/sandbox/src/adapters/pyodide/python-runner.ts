/**
 * Python that runs before the guest and gives the function that runs it: like `python main.py`, and it returns the exit code, or
 * -9 where memory ran out and nothing caught it.
 */
export const PYTHON_RUNNER: string = `
def _make_runner():
    import os, sys

    def run(code, arguments, environment):
        os.environ.update(environment)
        sys.argv = ['main.py', *arguments]
        sys.path.insert(0, os.getcwd())
        main = type(sys)('__main__')
        main.__dict__['__builtins__'] = __builtins__
        sys.modules['__main__'] = main
        status = 0
        try:
            exec(compile(code, 'main.py', 'exec', dont_inherit=True), main.__dict__)
        except SystemExit as leaving:
            value = leaving.code
            if isinstance(value, int):
                status = value & 255
            elif value is not None:
                print(value, file=sys.stderr)
                status = 1
        except MemoryError:
            main.__dict__.clear()
            status = -9
        except BaseException as error:
            status = 1
            # The built-in printer, which leaves the frame of the runner out.
            error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
            sys.__excepthook__(type(error), error, error.__traceback__)
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BaseException:
                status = status or 120
        return status

    # The way to the host's own objects that needs no search. There are others: this is no boundary.
    for name in ('pyodide_js', 'js'):
        sys.modules.pop(name, None)
    return run

_make_runner()
`
