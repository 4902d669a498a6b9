import ArgumentParser
import Foundation

/// Whether sketches stand below a table.
struct ChartOptions: ParsableArguments {
    enum Choice: String, ExpressibleByArgument, CaseIterable {
        case auto, always, never
    }

    @Option(
        help: ArgumentHelp(
            """
            Sketches below the table: auto (where standard output is a terminal), always or never. They follow COLUMNS, \
            NO_COLOR, TERM=dumb and the locale: outside UTF-8 they are ASCII.
            """, valueName: "when"))
    var charts = Choice.auto

    /// What to draw for; `nil` for no sketches.
    ///
    /// A pipe gets none by itself, so that what scripts read does not depend on where they run.
    var canvas: ChartCanvas? {
        let canvas = ChartCanvas.ofStandardOutput
        return switch charts {
        case .always: canvas
        case .never: nil
        case .auto: canvas.isScreen ? canvas : nil
        }
    }
}
