using System.Globalization;

namespace Catalog.Schemas;

/// <summary>
/// Grades a schema against its parent's. Columns are matched by name, as Avro and Iceberg's name mapping do; a rename is a removal and an
/// addition.
/// <list type="bullet">
/// <item>Patch: columns moved.</item>
/// <item>Minor, because old files stay readable: a nullable column added; a required column made nullable; a type widened so that every
/// value keeps its meaning (Iceberg's type promotion, spec section "Schema Evolution", and its lossless kin: smaller to larger integer, an
/// unsigned one to a larger signed one, float16 to 32 to 64, integers of at most 32 bits to float64, decimal to more digits at the same
/// scale, date to a timestamp without zone, time and timestamp to a finer unit, null to anything).</item>
/// <item>Major: everything else. A required column added has no value in old files. A nullable column made required breaks a reader as soon
/// as an old file holds one null, which schemas alone cannot rule out: Iceberg forbids it for that reason ("optional to required"), and
/// Avro's resolution fails when a writer's union branch (null) does not match the reader's type.</item>
/// </list>
/// Children of a list and a map are matched by position and called <c>element</c>, <c>key</c> and <c>value</c> in paths, because writers
/// disagree about their names.
/// </summary>
public static class SchemaComparison
{
    /// <summary>
    /// The change from <paramref name="parent"/> to <paramref name="child"/>. No parent is no change; no child removes every column.
    /// </summary>
    public static SchemaChange Compare(TableSchema? parent, TableSchema? child)
    {
        if (parent is null)
        {
            return SchemaChange.None;
        }

        var changes = new List<ColumnChange>();
        CompareFields(parent.Columns, child?.Columns ?? [], "", changes);
        return changes.Count == 0 ? SchemaChange.None : new SchemaChange(changes.Max(c => c.Level), changes);
    }

    private static void CompareFields(IReadOnlyList<Column> parent, IReadOnlyList<Column> child, string path, List<ColumnChange> changes)
    {
        var before = ByName(parent);
        var after = ByName(child);
        foreach (var (key, (column, _)) in before)
        {
            var name = ColumnPath.Join(path, column.Name);
            if (after.TryGetValue(key, out var match))
            {
                CompareColumn(column, match.Column, name, changes);
            }
            else
            {
                changes.Add(new ColumnChange(name, ColumnChangeKinds.Removed, column.Type, To: null, SchemaChangeLevel.Major));
            }
        }

        foreach (var (key, (column, _)) in after)
        {
            if (!before.ContainsKey(key))
            {
                var level = column.Nullable ? SchemaChangeLevel.Minor : SchemaChangeLevel.Major;
                changes.Add(new ColumnChange(ColumnPath.Join(path, column.Name), ColumnChangeKinds.Added, From: null, column.Type, level));
            }
        }

        AddMoves(before, after, path, changes);
    }

    private static void CompareColumn(Column before, Column after, string path, List<ColumnChange> changes)
    {
        if (before.Type != after.Type)
        {
            var (kind, level) = (ColumnTypes.Widens(before.Type, after.Type), ColumnTypes.Widens(after.Type, before.Type)) switch
            {
                (true, _) => (ColumnChangeKinds.Widened, SchemaChangeLevel.Minor),
                (_, true) => (ColumnChangeKinds.Narrowed, SchemaChangeLevel.Major),
                _ => (ColumnChangeKinds.TypeChanged, SchemaChangeLevel.Major),
            };
            changes.Add(new ColumnChange(path, kind, before.Type, after.Type, level));
        }

        if (before.Nullable != after.Nullable)
        {
            changes.Add(after.Nullable
                ? new ColumnChange(path, ColumnChangeKinds.MadeNullable, "required", "nullable", SchemaChangeLevel.Minor)
                : new ColumnChange(path, ColumnChangeKinds.MadeRequired, "nullable", "required", SchemaChangeLevel.Major));
        }

        if (before.Type == after.Type)
        {
            CompareFields(Children(before), Children(after), path, changes);
        }
    }

    /// <summary>
    /// Reports the fewest columns whose moves explain the new order: all those outside a longest common run (increasing subsequence).
    /// </summary>
    private static void AddMoves(
        Dictionary<(string, int), (Column Column, int Position)> before,
        Dictionary<(string, int), (Column Column, int Position)> after,
        string path,
        List<ColumnChange> changes)
    {
        var common = after.Where(pair => before.ContainsKey(pair.Key))
            .Select(pair => (pair.Value.Column.Name, From: before[pair.Key].Position, To: pair.Value.Position))
            .ToArray();
        var stayed = LongestIncreasing([.. common.Select(c => c.From)]);
        for (var i = 0; i < common.Length; i++)
        {
            if (!stayed.Contains(i))
            {
                var (name, from, to) = common[i];
                changes.Add(
                    new ColumnChange(ColumnPath.Join(path, name), ColumnChangeKinds.Moved, Text(from), Text(to), SchemaChangeLevel.Patch));
            }
        }
    }

    /// <summary>The indexes of one longest increasing subsequence (patience sorting, n log n).</summary>
    private static HashSet<int> LongestIncreasing(int[] values)
    {
        var tails = new List<int>();
        var previous = new int[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (low, high) = (0, tails.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = values[tails[middle]] < values[i] ? (middle + 1, high) : (low, middle);
            }

            previous[i] = low == 0 ? -1 : tails[low - 1];
            if (low == tails.Count)
            {
                tails.Add(i);
            }
            else
            {
                tails[low] = i;
            }
        }

        var result = new HashSet<int>();
        for (var i = tails.Count == 0 ? -1 : tails[^1]; i >= 0; i = previous[i])
        {
            result.Add(i);
        }

        return result;
    }

    /// <summary>Columns by name and, where a file format let a name occur twice, by occurrence; with positions from 1.</summary>
    private static Dictionary<(string, int), (Column Column, int Position)> ByName(IReadOnlyList<Column> columns)
    {
        var result = new Dictionary<(string, int), (Column, int)>(columns.Count);
        for (var i = 0; i < columns.Count; i++)
        {
            var occurrence = 0;
            while (!result.TryAdd((columns[i].Name, occurrence), (columns[i], i + 1)))
            {
                occurrence++;
            }
        }

        return result;
    }

    private static IReadOnlyList<Column> Children(Column column) => (column.Type, column.Children) switch
    {
        (_, null) => [],
        ("list", [var element]) => [element with { Name = "element" }],
        ("map", [var key, var value]) => [key with { Name = "key" }, value with { Name = "value" }],
        (_, var children) => children,
    };

    private static string Text(int position) => position.ToString(CultureInfo.InvariantCulture);
}
