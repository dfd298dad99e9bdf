using System.Text.Json.Serialization;

namespace Catalog.Schemas;

/// <summary>How much a change of schema asks of readers; ordered, so that the level of many changes is their maximum.</summary>
public enum SchemaChangeLevel
{
    /// <summary>Nothing changed.</summary>
    None,

    /// <summary>Readers that go by name notice nothing.</summary>
    Patch,

    /// <summary>Readers of the new schema can read the old files.</summary>
    Minor,

    /// <summary>Old files or readers may break.</summary>
    Major,
}

/// <summary>What a schema changed against its parent, in the order of the parent's columns, then additions, then moves.</summary>
public sealed record SchemaChange(SchemaChangeLevel Level, IReadOnlyList<ColumnChange> Changes)
{
    public static SchemaChange None { get; } = new(SchemaChangeLevel.None, []);

    /// <summary>Follows from the level, so it is not written where a change is stored or shown.</summary>
    [JsonIgnore]
    public bool IsBreaking => Level is SchemaChangeLevel.Major;
}

/// <summary>
/// One change. <paramref name="Column"/> is a path (<c>a.b</c>; a dot or backslash within a name has a backslash before it);
/// <paramref name="Kind"/> is one of <see cref="ColumnChangeKinds"/>; <paramref name="From"/> and <paramref name="To"/> are types,
/// for <c>moved</c> positions from 1, for nullability <c>nullable</c> and <c>required</c>.
/// </summary>
public sealed record ColumnChange(string Column, string Kind, string? From, string? To, SchemaChangeLevel Level);

/// <summary>The stable names of the kinds of column change.</summary>
public static class ColumnChangeKinds
{
    public const string Added = "added";
    public const string Removed = "removed";
    public const string Widened = "widened";
    public const string Narrowed = "narrowed";
    public const string TypeChanged = "type_changed";
    public const string MadeNullable = "made_nullable";
    public const string MadeRequired = "made_required";
    public const string Moved = "moved";
}
