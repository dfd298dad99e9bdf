using System.Text;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Server.Doors.Online;
using Catalog.Serving;

namespace Catalog.Server.Doors.Resp;

/// <summary>
/// The fields of a hash that are wanted: features by their names, and what there is to say of the row, by names with an @.
/// </summary>
/// <param name="Read">How to read them.</param>
/// <param name="Fields">In the order asked.</param>
internal sealed record RespFields(ReadPlan Read, IReadOnlyList<RespField> Fields)
{
    /// <param name="view">As the key names it.</param>
    /// <param name="names">Of fields; null for all features.</param>
    /// <exception cref="ProblemException">There is no such view, or no such feature.</exception>
    public static RespFields Of(string view, IReadOnlyList<string>? names, OnlineFeatures online)
    {
        var node = FeatureNames.View(view, ns: null, "key", online.Current);
        var found = online.Current.FindView(node);
        if (!found.Succeeded)
            throw new ProblemException(found.Problem);
        var all = found.Value.Definition.Features;
        var fields = (names ?? [.. all.Select(f => f.Name)]).Select(RespField.Of).ToList();
        var features = fields.Where(f => f.Fact is null).Select(f => f.Name).ToList();

        // A row's facts alone need the row, too.
        var asked = features.Count > 0 || all.Count == 0 ? features : [all[0].Name];
        var plan = online.Plan([.. asked.Select(f => new FeatureRef(found.Value.Node, f))]);
        if (!plan.Succeeded)
            throw new ProblemException(plan.Problem);
        var next = 0;
        return new(plan.Value, [.. fields.Select(f => f.Fact is null ? f with { Feature = plan.Value.Features[next++] } : f)]);
    }
}

/// <summary>A field that is wanted.</summary>
/// <param name="Name">As asked.</param>
/// <param name="Fact">What is told of the row; null for the value of a feature.</param>
internal sealed record RespField(string Name, RowFact? Fact)
{
    private readonly byte[] _name = Encoding.UTF8.GetBytes(Name);

    public ReadOnlySpan<byte> NameBytes => _name;

    public PlannedFeature? Feature { get; init; }

    public static RespField Of(string name) => new(name, name switch
    {
        "@event_time" => RowFact.EventTime,
        "@status" => RowFact.Status,
        "@generation" => RowFact.Generation,
        "@version" => RowFact.Version,
        "@position" => RowFact.Position,
        "@masked" => RowFact.Masked,
        ['@', ..] => throw new ProblemException(Problem.Field(
            "request.invalid", "field", $"'{name}' is none of @event_time, @status, @generation, @version, @position and @masked.")),
        _ => null,
    });
}

/// <summary>What can be told of a row, beside its values.</summary>
internal enum RowFact
{
    EventTime,
    Status,
    Generation,
    Version,
    Position,

    /// <summary>What is shown of which features instead of their values.</summary>
    Masked,
}
