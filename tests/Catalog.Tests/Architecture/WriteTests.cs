using Mono.Cecil;
using Xunit;

namespace Catalog.Tests.Architecture;

/// <summary>
/// All writes go through the write path; only projections, and rows that a write puts beside its facts, store anything else.
/// </summary>
public sealed class WriteTests
{
    private const string WritePath = "Catalog.Platform.Writes";
    private const string ManifestsStore = "Catalog.Manifests.ManifestStore.Store";
    private const string StatesWrite = "Catalog.Platform.Store.StateTable.Write";
    private const string RowsAdd = "Catalog.Platform.Writes.SideRows.Add";

    [Fact]
    public void Nothing_is_stored_outside_projections_and_the_write_path() => Verdict.None(Stray(Code.Types));

    [Fact]
    public void What_may_store_does_store()
    {
        var writers = Code.Types.SelectMany(t => t.Methods).Where(m => Code.Calls(m).Any(IsWrite))
            .Select(m => Code.Outermost(m.DeclaringType).Name).ToHashSet(StringComparer.Ordinal);

        Assert.Superset(
            new HashSet<string>(
                [
                    "ManifestStore", "StateTable", "IssueKey", "FirstStart", "VersionPages", "CommitKeys", "CommitQueue",
                    "CommitVersion",
                ],
                StringComparer.Ordinal),
            writers);
    }

    [Fact]
    public void Each_kind_of_stray_write_is_found() =>
        Assert.Equal(
            [
                "Add in Beside", // a method that anyone could call
                "Append in SaveAsync", // facts past the write path
                "Delete in SaveAsync",
                "SaveChangesAsync in SaveAsync",
                "Store in <AnythingBeside>", // beside the facts, but not a row that may be there
                "Store in <NotBeside>", // a manifest that is not beside facts
            ],
            Stray(Code.BadExamples).Order(StringComparer.Ordinal));

    /// <summary>
    /// What is neither a fact nor a page: manifests and plans of moves, which are too large for the log; names of keys and raw events of
    /// others, which must be erasable; in which version predictions are; what is to be removed.
    /// </summary>
    [Fact]
    public void The_tables_beside_the_log_are_a_closed_list()
    {
        Assert.Equal(
            ["ErasureTable", "KeyLabels", "ManifestTables", "MoveTable", "OpenLineageBodies", "PredictionTable"],
            TablesBeside(Code.Types));
        Assert.Equal(["Storing"], TablesBeside(Code.BadExamples));
    }

    private static IEnumerable<string> TablesBeside(IEnumerable<TypeDefinition> types) =>
        types.Where(t => t.Methods.SelectMany(Code.Calls).Any(c => Code.Name(c) == "Catalog.Platform.Writes.SideTable..ctor"))
            .Select(t => t.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Stray(IEnumerable<TypeDefinition> types) =>
        from type in types
        from method in type.Methods
        from call in Code.Calls(method)
        where IsWrite(call) && !IsAllowed(method, call)
        select $"{call.Name} in {WrittenAs(type, method)}";

    private static bool IsWrite(MethodReference call) =>
        Code.Name(call) is ManifestsStore or StatesWrite or RowsAdd
        || (call.DeclaringType.FullName is "Marten.IDocumentOperations" or "Marten.IDocumentSession"
            && !call.Name.StartsWith("get_", StringComparison.Ordinal))
        || (IsOfTheEventStore(call) && !Reads(call.Name));

    private static bool IsOfTheEventStore(MethodReference call) =>
        call.DeclaringType.Name.StartsWith("IEvent", StringComparison.Ordinal)
        && Code.Namespace(call.DeclaringType) is "Marten.Events" or "JasperFx.Events"
        && call.DeclaringType.Name.Contains("Operations", StringComparison.Ordinal);

    private static bool Reads(string name) =>
        name is "BuildEvent" or "FetchLatest"
        || name.StartsWith("get_", StringComparison.Ordinal)
        || name.StartsWith("FetchStream", StringComparison.Ordinal)
        || name.StartsWith("Query", StringComparison.Ordinal);

    private static bool IsAllowed(MethodDefinition method, MethodReference call) => call.Name switch
    {
        _ when method.DeclaringType.Namespace == WritePath || Code.Outermost(method.DeclaringType).Namespace == WritePath => true,
        "Store" when Code.Name(call) == ManifestsStore => IsBeside(method),
        "Add" when Code.Name(call) == RowsAdd => IsBeside(method) || Code.Name(method) == ManifestsStore,
        "QueueSqlCommand" when Code.Name(method) is StatesWrite => true,
        "Store" or "QueueSqlCommand" => IsProjection(method.DeclaringType),
        _ => false,
    };

    /// <summary>A lambda or local function that the write path runs in the transaction of the facts.</summary>
    private static bool IsBeside(MethodDefinition method) =>
        method.Name.StartsWith('<')
        && method.Parameters.Select(p => p.ParameterType.FullName)
            .SequenceEqual(
                ["Catalog.Platform.Writes.SideRows", "System.Collections.Generic.IReadOnlyList`1<System.Object>"],
                StringComparer.Ordinal);

    private static bool IsProjection(TypeDefinition type) =>
        type.Interfaces.Any(i => i.InterfaceType.FullName == "Marten.Events.Projections.IProjection")
        || (type.DeclaringType is { } outer && IsProjection(outer));

    private static string WrittenAs(TypeDefinition type, MethodDefinition method)
    {
        var name = type.Name.StartsWith('<') && method.Name == "MoveNext" ? type.Name : method.Name;
        return name.StartsWith('<') ? Shown(name) : name;
    }

    /// <summary><c>&lt;SaveAsync&gt;d__3</c> is SaveAsync itself; <c>&lt;NotBeside&gt;b__0</c> is a lambda in it.</summary>
    private static string Shown(string name)
    {
        var end = name.IndexOf('>', StringComparison.Ordinal);
        return name[end..].StartsWith(">d__", StringComparison.Ordinal) ? name[1..end] : name[..(end + 1)];
    }
}
