import Foundation
import Synchronization

/// Standard error: one redrawn progress line where it is a terminal, plain lines otherwise.
///
/// Results never come here; they go to standard output or a file.
final class Terminal: Sendable {
    let isQuiet: Bool
    /// Whether even warnings are another process's to print.
    private let isSilent: Bool
    private let isInteractive: Bool
    /// Whether a progress line stands on the last line, to be wiped before anything else is written.
    private let lineIsOpen = Mutex(false)

    init(quiet: Bool, silent: Bool = false) {
        isQuiet = quiet || silent
        isSilent = silent
        // A dumb terminal cannot wipe a line.
        isInteractive =
            !isQuiet && isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// Whether progress is worth preparing.
    var showsProgress: Bool { isInteractive }

    /// A line that stays; nothing with `--quiet`.
    func say(_ line: String) {
        guard !isQuiet else { return }
        write(line + "\n")
    }

    /// A line that stays, whatever the options: warnings and errors.
    func warn(_ line: String) {
        guard !isSilent else { return }
        write(line + "\n")
    }

    /// Replaces the progress line.
    func redraw(_ line: String) {
        guard isInteractive else { return }
        lineIsOpen.withLock { isOpen in
            emit("\r" + String(line.prefix(Self.width - 1)) + "\u{1B}[K")
            isOpen = true
        }
    }

    /// Wipes the progress line.
    func wipe() {
        lineIsOpen.withLock { isOpen in
            if isOpen { emit("\r\u{1B}[K") }
            isOpen = false
        }
    }

    private func write(_ text: String) {
        wipe()
        emit(text)
    }

    private func emit(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }

    private static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
        return Int(size.ws_col)
    }
}
