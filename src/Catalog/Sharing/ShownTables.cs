using Catalog.Access;
using Catalog.Manifests;
using Catalog.Platform;
using Catalog.PolicyProjections;

namespace Catalog.Sharing;

/// <summary>A table as somebody is shown it.</summary>
/// <param name="Table">What is known of it: of the projection, where it is one.</param>
/// <param name="Files">Which files it has.</param>
internal sealed record ShownTable(FindTable.Answer Table, ShownVersion Files);

/// <summary>Says of tables what is true of the files that somebody is shown of them.</summary>
internal sealed class ShownTables(ShownVersions versions, ManifestStore manifests)
{
    /// <param name="table">As it was found.</param>
    /// <param name="version">The same.</param>
    /// <param name="may">What the gate answered to whoever asked to read its data.</param>
    /// <param name="ct">Stops waiting.</param>
    public async Task<Outcome<ShownTable>> OfAsync(
        FindTable.Answer table, LocatedVersion version, GateAnswer may, CancellationToken ct)
    {
        var shown = await versions.OfAsync(version, may, ct);
        if (!shown.Succeeded)
            return shown.Problem;
        if (shown.Value.Made is not { } made)
            return new ShownTable(table, shown.Value);
        var root = await manifests.LoadRootAsync(made.ManifestHash, ct);
        var page = table.Page with
        {
            ContentHash = made.ContentHash,
            ManifestHash = made.ManifestHash,
            Files = made.Files,
            Bytes = made.Bytes,
            Rows = made.Rows,
            Schema = root.Schema,
            Statistics = null,
        };
        return new ShownTable(table with { Page = page, Projection = shown.Value.Projection }, shown.Value);
    }
}
