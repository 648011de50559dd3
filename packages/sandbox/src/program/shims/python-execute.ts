/**
 * Python functions that run a guest's code as a module and give its exit code, as `python main.py` would. They use `sys` of whoever
 * takes them in. An error of a class in `fatal` is told as -9, with nothing of the module kept.
 */
export const PYTHON_EXECUTE: string = `
def execute(code, name, module, fatal=()):
    try:
        exec(compile(code, name, 'exec', dont_inherit=True), module.__dict__)
    except SystemExit as leaving:
        value = leaving.code
        if isinstance(value, int):
            return value & 255
        if value is not None:
            print(value, file=sys.stderr)
            return 1
    except fatal:
        module.__dict__.clear()
        return -9
    except BaseException as error:
        # The built-in printer: nothing has to be imported, and this frame is left out.
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        sys.__excepthook__(type(error), error, error.__traceback__)
        return 1
    return 0

def flushed(status):
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            status = status or 120
    return status
`
