namespace Catalog.Server.Doors.Online;

/// <summary>What became of a feature that was asked for: the numbers and names of Feast's protocol.</summary>
internal enum FieldStatus : byte
{
    /// <summary>There is a value, and the form of the answer has no way to write it.</summary>
    Invalid = 0,
    Present = 1,
    NullValue = 2,
    NotFound = 3,
    OutsideMaxAge = 4,
}
