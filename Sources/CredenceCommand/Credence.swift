import ArgumentParser
import Credence

@main
struct CredenceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "credence")
}
