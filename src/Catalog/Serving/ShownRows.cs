using Catalog.Access;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Storage.Columnar.Masking;
using Catalog.Storage.Hot;

namespace Catalog.Serving;

/// <summary>Rows of a view, with all their features, as whoever asks may see them: as a lookup would answer with them.</summary>
internal sealed class ShownRows
{
    private readonly FeatureDefinition _definition;
    private readonly AccessObligations _obligations;
    private readonly MaskHashes _hashes;
    private readonly RowShelf _shelf;
    private readonly IReadOnlySet<string> _all;

    private ShownRows(FeatureDefinition definition, AccessObligations obligations, MaskHashes hashes, RowShelf shelf)
    {
        (_definition, _obligations, _hashes, _shelf) = (definition, obligations, hashes, shelf);
        _all = definition.Features.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        Masked = obligations.IsNone
            ? new Dictionary<string, string>()
            : RowMasks.Of(definition, RowLayout.Of(definition), _all, obligations, hashes).Shown
                .ToDictionary(s => s.Key, s => Masks.Write(s.Value), StringComparer.Ordinal);
    }

    /// <summary>By feature, what is shown instead of its values.</summary>
    public IReadOnlyDictionary<string, string> Masked { get; }

    /// <summary>Whether rows may not be seen that do not meet what they have to.</summary>
    public bool AreFiltered => _obligations.RowFilters.Count > 0;

    /// <param name="definition">Of the view.</param>
    /// <param name="obligations">That bind who asks.</param>
    /// <param name="hashes">As which hashes are shown.</param>
    /// <param name="shelf">Where masked rows are kept.</param>
    /// <returns>A problem where the obligations cannot be met.</returns>
    public static Outcome<ShownRows> Of(FeatureDefinition definition, AccessObligations obligations, MaskHashes hashes, RowShelf shelf)
    {
        var shown = new ShownRows(definition, obligations, hashes, shelf);
        return shown.Bind(RowLayout.Of(definition)) is { Succeeded: false, Problem: var no } ? no : shown;
    }

    /// <summary>A row as it is shown; not there where it may not be seen.</summary>
    /// <param name="row">That is there.</param>
    /// <param name="definition">As it is laid out: all features of the view, or the first of them.</param>
    public HotRow Of(HotRow row, FeatureDefinition definition)
    {
        if (_obligations.IsNone)
            return row;
        nint[] rows = [row.Address];
        if (Bind(RowLayout.Of(definition)) is not { Succeeded: true, Value: var bound })
            return default;
        bound.Meet(rows, _shelf, _hashes);
        return new(rows[0]);
    }

    private Outcome<ObligedView> Bind(RowLayout layout) => ObligedView.Of(_definition, layout, _all, _obligations);
}
