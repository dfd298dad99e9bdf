using System.Text.Json;
using Catalog.Platform;
using Catalog.Platform.Store;
using Catalog.Tiers;
using Marten;

namespace Catalog.Tiering;

/// <summary>Whose policy holds for what, and what datasets and models say of their versions.</summary>
internal sealed class TierPolicies
{
    private readonly CatalogState? _catalog;
    private readonly Dictionary<string, Holder> _holders;

    private TierPolicies(CatalogState? catalog, Dictionary<string, Holder> holders) => (_catalog, _holders) = (catalog, holders);

    /// <summary>The catalog's own state gives the policies of namespaces; pages give those of datasets.</summary>
    public static async Task<TierPolicies> LoadAsync(IDocumentStore store, CatalogState? catalog, CancellationToken ct)
    {
        var datasets = await store.ReadAsync(
            $"""
            select id, data->>'namespace', data->>'owner', (data->>'latest')::bigint, data->>'aliases', data->>'tiers'
            from {CatalogStore.Schema}.mt_doc_page_dataset
            union all
            select id, data->>'namespace', data->>'owner', (data->>'latest')::bigint,
              (coalesce(data->'aliases', jsonb_build_object()) || coalesce(data->'deployments', jsonb_build_object()))::text, null
            from {CatalogStore.Schema}.mt_doc_page_model
            """,
            [],
            row => (Id: row.GetString(0), Holder: new Holder(
                row.GetString(1), row.GetString(2), row.GetInt64(3), Numbers(row.Text(4)), row.Text(5) is { } own ? Read(own) : null)),
            ct);
        return new TierPolicies(catalog, datasets.ToDictionary(d => d.Id, d => d.Holder, StringComparer.Ordinal));
    }

    /// <summary>The policy that holds for a dataset or model; null when nobody declared one.</summary>
    public TierPolicy? Of(string stream) => _holders.TryGetValue(stream, out var holder)
        ? holder.Own ?? _catalog?.NamespaceTiers.GetValueOrDefault(holder.Namespace)
        : null;

    /// <summary>Who owns a dataset or model.</summary>
    public string OwnerOf(string stream) => _holders.TryGetValue(stream, out var holder) ? holder.Owner : "";

    /// <summary>How many of its versions are newer.</summary>
    public long NewerThan(string stream, long number) =>
        _holders.TryGetValue(stream, out var holder) ? Math.Max(0, holder.Latest - number) : 0;

    /// <summary>Whether an alias, or an endpoint that serves it, points to a version.</summary>
    public bool IsNamed(string stream, long number) => _holders.TryGetValue(stream, out var holder) && holder.Named.Contains(number);

    public static TierPolicy Read(string json) => JsonSerializer.Deserialize<TierPolicy>(json, CatalogStore.Json)
        ?? throw new InvalidOperationException("A stored tier policy is null.");

    private static HashSet<long> Numbers(string? byName) =>
        byName is null ? [] : [.. (JsonSerializer.Deserialize<Dictionary<string, long>>(byName, CatalogStore.Json) ?? []).Values];

    private sealed record Holder(string Namespace, string Owner, long Latest, HashSet<long> Named, TierPolicy? Own);
}
