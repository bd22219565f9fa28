"""The list of cases, in the order in which they stand in their files."""

CASES = []

# The programs behind the gateway, but for the one that breaks the rules of HTTP.
SERVICES = ("php", "lighttpd", "nginx-php", "nginx", "http.server", "wsgiref", "uvicorn", "node", "express")
# Those that can be told what to answer.
APPLICATIONS = tuple(name for name in SERVICES if name != "nginx")


def case(name, *programs):
    """A case for each of these programs. It is given the program's name, and ends with an exception if it fails."""

    def register(function):
        CASES.extend((program, name, function) for program in programs)
        return function

    return register
