namespace Catalog.IntegrationTests.OpenLineage;

/// <summary>Series of events that several tests tell.</summary>
internal static class Stories
{
    /// <summary>
    /// Labels, other names, a rename, columns that change, a drop that was told late, and events that name what others complete; as a
    /// client on a bad network sends them.
    /// </summary>
    public static IEnumerable<string> OneThatDependsOnOrder(Told told)
    {
        const string Symlink = """{"identifiers":[{"namespace":"NS","name":"lake/orders","type":"TABLE"}]}""";
        const string Rename = """{"lifecycleStateChange":"RENAME","previousIdentifier":{"namespace":"NS","name":"old"}}""";
        const string Drop = """{"lifecycleStateChange":"DROP"}""";
        var total = Told.Columns("total", "old", "amount");
        string Id(string run) => $"{told.Namespace}-{run}";
        string[] events =
        [
            told.Run(Id("load1"), "load", "START", 1, [told.Of("source")], [told.Of("orders")]),
            told.Run(Id("load1"), "load", "COMPLETE", 2),
            told.Run(Id("load2"), "load", "COMPLETE", 9, [told.Of("source", Told.Version("7"))], [told.Of("orders", Told.Version("b"))]),
            told.About(told.Of("orders", ("symlinks", Symlink)), 3),
            told.Run(
                Id("clean"), "clean", "COMPLETE", 11, [told.Of("lake/orders")],
                [told.Of("old", Told.Columns("amount", "orders", "price"))]),
            told.About(told.Of("clean", ("lifecycleStateChange", Rename)), 12),
            told.Run(Id("report1"), "report", "START", 20, [told.Of("clean")], []),
            told.Run(Id("report1"), "report", "COMPLETE", 21, [], [told.Of("report", total)]),
            told.Run(Id("report2"), "report", "COMPLETE", 31, [told.Of("clean")], [told.Of("report", total)]),
            told.Run(Id("report3"), "report", "COMPLETE", 41, [told.Of("clean")], [told.Of("report", total)]),
            told.About(told.Of("clean", ("lifecycleStateChange", Drop)), 25),
            told.Run(Id("report0"), "report", "FAIL", 19, [told.Of("clean")], [told.Of("report")]),
            told.Run(Id("odd"), "report", "COMPLETE", 35, [], [told.Of("report", Told.Columns("other", "old", "amount"))]),
        ];
        return events.Concat([events[6], events[1]]).OrderBy(e => e.Length % 7);
    }
}
