using System.Collections.Concurrent;
using Catalog.Access;
using Catalog.Columns;
using Catalog.Features;
using Catalog.Hot;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Columnar.Masking;
using Catalog.Storage.Hot;

namespace Catalog.Serving;

/// <summary>
/// What becomes of the rows of a view, once they are found, because of what binds who asks: those that do not meet what rows have to are
/// left out, and the others are masked. It is made at the answer, of whatever was found, so that no tier needs to know of it.
/// </summary>
internal sealed class ObligedView
{
    private static readonly Dictionary<string, Mask> s_none = [];

    private readonly FeatureDefinition _definition;
    private readonly RowLayout _layout;
    private readonly IReadOnlySet<string> _asked;
    private readonly AccessObligations _obligations;
    private readonly RowConditions? _conditions;
    private volatile RowMasks? _masks;

    private ObligedView(
        FeatureDefinition definition, RowLayout layout, IReadOnlySet<string> asked, AccessObligations obligations,
        RowConditions? conditions) =>
        (_definition, _layout, _asked, _obligations, _conditions) = (definition, layout, asked, obligations, conditions);

    /// <summary>Whether rows are left out that who asks may not see.</summary>
    public bool IsFiltered => _conditions is not null;

    /// <summary>What is shown of which features of the view, asked for or not; known once obligations were met.</summary>
    public IReadOnlyDictionary<string, Mask> Shown => _masks?.Shown ?? s_none;

    /// <param name="definition">Of the view.</param>
    /// <param name="layout">Of its rows.</param>
    /// <param name="asked">Features that are told.</param>
    /// <param name="obligations">That bind who asks.</param>
    /// <returns>A problem where they cannot be met: then nothing is told of the view.</returns>
    public static Outcome<ObligedView> Of(
        FeatureDefinition definition, RowLayout layout, IReadOnlySet<string> asked, AccessObligations obligations)
    {
        if (definition.Keys().FirstOrDefault(k => ObligedRead.IsMasked(k.Name, obligations)) is { } masked)
        {
            return Problem.Field(
                "access.masked_column", "keys",
                $"The key '{masked.Name}' is masked for you, so that nothing can be looked up by it: it would tell values apart.");
        }

        try
        {
            var conditions = ObligedRead.Conditions(obligations, RowConditions.SchemaOf(definition));
            return new ObligedView(
                definition, layout, asked, obligations,
                conditions.Count == 0 ? null : new RowConditions(definition, layout, conditions));
        }
        catch (ProblemException e)
        {
            return e.Problem;
        }
    }

    /// <summary>Leaves rows out, and puts masked ones in the place of others.</summary>
    /// <param name="rows">By key, addresses; 0 where there is none, and then also where one is left out.</param>
    /// <param name="shelf">Where masked rows are kept.</param>
    /// <param name="hashes">As which hashes are shown.</param>
    public void Meet(Span<nint> rows, RowShelf shelf, MaskHashes hashes)
    {
        _conditions?.LeaveOut(rows);
        (_masks ??= RowMasks.Of(_definition, _layout, _asked, _obligations, hashes)).Apply(rows, shelf);
    }

    /// <summary>What is shown of a feature; null where that is its value.</summary>
    public Mask? MaskOf(string feature) => Shown.TryGetValue(feature, out var mask) ? mask : null;
}

/// <summary>
/// How a view of a plan is answered with, by what binds who asks: worked out once for the same, and kept for as long as the plan. The gate
/// gives the same object again and again, which is what is looked for first.
/// </summary>
/// <param name="view">As it is served.</param>
/// <param name="asked">Its features that are asked for.</param>
internal sealed class ObligedViews(HotView view, IReadOnlySet<string> asked)
{
    private const int Most = 100;
    private readonly ConcurrentDictionary<AccessObligations, Outcome<ObligedView>> _known = new();
    private volatile Bound? _latest;

    public Outcome<ObligedView> Of(AccessObligations obligations)
    {
        if (_latest is { } latest && ReferenceEquals(latest.Obligations, obligations))
            return latest.View;
        if (!_known.TryGetValue(obligations, out var bound))
        {
            bound = ObligedView.Of(view.Definition, view.Layout, asked, obligations);
            if (_known.Count < Most)
                bound = _known.GetOrAdd(obligations, bound);
        }

        _latest = new(obligations, bound);
        return bound;
    }

    private sealed record Bound(AccessObligations Obligations, Outcome<ObligedView> View);
}
