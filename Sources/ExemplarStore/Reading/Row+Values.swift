// Values of a row as what they should be: GRDB's own accessors stop the program where a damaged file holds something else.
import GRDB

/// A column holds something that its table does not allow.
struct UnreadableValue: Error {
    var column: String
    var found: String
}

extension Row {
    /// The value of a column.
    ///
    /// - Throws: `UnreadableValue`, also for NULL.
    func value<Value: DatabaseValueConvertible>(_ index: Int, as type: Value.Type = Value.self) throws -> Value {
        let stored: DatabaseValue = self[index]
        guard let value = Value.fromDatabaseValue(stored) else { throw unreadable(index, stored) }
        return value
    }

    /// The value of a column, or nil for NULL.
    func optional<Value: DatabaseValueConvertible>(_ index: Int, as type: Value.Type = Value.self) throws -> Value? {
        let stored: DatabaseValue = self[index]
        if stored.isNull { return nil }
        guard let value = Value.fromDatabaseValue(stored) else { throw unreadable(index, stored) }
        return value
    }

    private func unreadable(_ index: Int, _ stored: DatabaseValue) -> UnreadableValue {
        UnreadableValue(column: Array(columnNames)[index], found: "\(stored.description.prefix(40))")
    }
}
