namespace Catalog.IntegrationTests.Serving;

/// <summary>Statements of policy about one principal and one dataset, so that no other test meets them.</summary>
internal static class Policies
{
    /// <summary>Shows something else of columns.</summary>
    public static Task MaskAsync(Api admin, string principal, NodeId dataset, string column, string mask) =>
        ApplyAsync(admin, principal, dataset, "mask", [column], mask, rows: null);

    /// <summary>Leaves out rows that do not meet a filter.</summary>
    public static Task FilterAsync(Api admin, string principal, NodeId dataset, string rows) =>
        ApplyAsync(admin, principal, dataset, "filter", [], mask: null, rows);

    /// <summary>Forbids to read the data.</summary>
    public static Task DenyAsync(Api admin, string principal, NodeId dataset) =>
        ApplyAsync(admin, principal, dataset, "deny", [], mask: null, rows: null);

    private static async Task ApplyAsync(
        Api admin, string principal, NodeId dataset, string effect, string[] columns, string? mask, string? rows)
    {
        var statement = new
        {
            id = New.Name("test"),
            effect,
            principals = new[] { principal },
            actions = new[] { "read-data" },
            resources = new[] { dataset.ToString() },
            tags = default(string),
            purposes = Array.Empty<string>(),
            when = default(string),
            notBefore = default(string),
            expires = default(string),
            columns,
            mask,
            rows,
            requires = default(object),
            reason = "A test.",
        };
        (await admin.PostAsync("/v1/policies/apply", new { statements = new[] { statement } })).Expect(200);
    }
}
