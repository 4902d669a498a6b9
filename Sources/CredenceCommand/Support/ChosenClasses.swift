import Credence

/// The classes of the data that are learnt, and what they are to the head.
struct ChosenClasses {
    /// Their labels in the data, in the order chosen.
    let labels: [Int]
    /// The labels of those that are new to the head.
    let new: [Int]
    /// The names of those that it knows, which are updated.
    let updated: [String]
    /// Of each label of the data the class as the head will know it: a known class by its place in the model, whatever its
    /// label in the data, and new classes after those, in the order chosen; nil for classes not chosen.
    let places: [Int?]

    init(_ labels: [Int], of dataset: Dataset, known: [String]) {
        var (new, updated) = ([Int](), [String]())
        var places = [Int?](repeating: nil, count: dataset.classNames.count)
        for label in labels {
            if let place = known.firstIndex(of: dataset.classNames[label]) {
                places[label] = place
                updated.append(known[place])
            } else {
                places[label] = known.count + new.count
                new.append(label)
            }
        }
        (self.labels, self.new, self.updated, self.places) = (labels, new, updated, places)
    }
}
