"""The errors a person reads: each names the thing and the next action."""


class NteError(Exception):
    """Something went wrong that a person can mend; the command line ends with code 1."""


class MisuseError(NteError):
    """The command or a setting was used wrongly; the command line ends with code 2."""


class AreaError(MisuseError):
    """An area's files say something that cannot be; names the file, the key and the mend."""


class WarehouseBusyError(NteError):
    """Another process holds the warehouse."""


class CannotWriteError(NteError):
    """A file cannot be written: a full disk, or rights; `why` says which."""

    def __init__(self, folder: object, why: str | None) -> None:
        super().__init__(
            f"{folder}: cannot be written ({why}). Make room or let this user write there, then run again: nothing is "
            "lost."
        )
        self.why = why


class StandsOtherwiseError(NteError):
    """A file that is never written over stands with other content."""

    def __init__(self, path: object) -> None:
        super().__init__(
            f"{path}: this edition stands already and reads otherwise; it was left as it is. The area's own files or "
            "this service have changed since. Write the new one to another folder with --out, and say what differs."
        )
