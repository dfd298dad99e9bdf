using System.Globalization;

namespace Catalog.Access.Policies;

/// <summary>A side of a comparison: what is written there, or what a name stands for.</summary>
internal sealed class Operand
{
    private readonly Func<ConditionFacts, object?> _value;

    private Operand(Func<ConditionFacts, object?> value, bool isOfRequest) => (_value, IsOfRequest) = (value, isOfRequest);

    /// <summary>Whether it can change from request to request.</summary>
    public bool IsOfRequest { get; }

    /// <summary>A text, number, truth or time; null where there is none.</summary>
    public object? Value(in ConditionFacts facts) => _value(facts);

    /// <exception cref="PolicyException">There is no operand here.</exception>
    public static Operand Parse(ref PolicyWords words)
    {
        var operand = words.Kind switch
        {
            WordKind.Text => Constant(words.Word),
            WordKind.Number when decimal.TryParse(words.Word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
                Constant(number),
            WordKind.Name => Named(words),
            _ => throw words.Wrong("a name such as principal.department, a text in single quotes, a number, true or false"),
        };
        words.Next();
        return operand;
    }

    /// <exception cref="PolicyException">There is no list here.</exception>
    public static Func<ConditionFacts, string, bool> ParseList(ref PolicyWords words)
    {
        Func<ConditionFacts, string, bool> list = words.Word switch
        {
            "resource.tags" => static (facts, text) => facts.Tags.Has(text) || facts.MoreTags.Has(text),
            "principal.groups" => static (facts, text) => facts.Groups.Contains(text),
            _ => throw words.Wrong("'resource.tags', 'principal.groups', or values in brackets"),
        };
        words.Next();
        return list;
    }

    /// <summary>Below, at or above 0; null where the two cannot be compared.</summary>
    public static int? Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (decimal a, decimal b) => a.CompareTo(b),
        (bool a, bool b) => a.CompareTo(b),
        (DateTimeOffset a, DateTimeOffset b) => a.CompareTo(b),
        (DateTimeOffset a, string b) => Time(b) is { } time ? a.CompareTo(time) : null,
        (string a, DateTimeOffset b) => Time(a) is { } time ? time.CompareTo(b) : null,
        (string a, decimal b) when decimal.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
            number.CompareTo(b),
        (decimal a, string b) when decimal.TryParse(b, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
            a.CompareTo(number),
        _ => null,
    };

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static Operand Constant(object value) => new(_ => value, isOfRequest: false);

    private static Operand Named(in PolicyWords words)
    {
        var name = words.Word;
        return name switch
        {
            "true" => Constant(true),
            "false" => Constant(false),
            "principal.id" => new(static f => f.Principal, isOfRequest: false),
            "request.purpose" => new(static f => f.Purpose is { } purpose ? Purposes.Write(purpose) : null, isOfRequest: false),
            "request.time" => new(static f => f.Time, isOfRequest: true),
            "request.ip" => new(static f => f.Address, isOfRequest: true),
            "resource.kind" => new(static f => f.Resource is { } node ? NodeId.WordOf(node.Kind) : null, isOfRequest: false),
            "resource.namespace" => new(static f => f.Resource?.Namespace, isOfRequest: false),
            "resource.name" => new(static f => f.Resource?.Name, isOfRequest: false),
            _ when name.StartsWith("principal.", StringComparison.Ordinal) =>
                new(f => f.Attributes.GetValueOrDefault(name["principal.".Length..]), isOfRequest: false),
            _ => throw words.Wrong(
                "one of principal.id, principal.<attribute>, request.purpose, request.time, request.ip, resource.kind, resource.namespace, "
                + "resource.name"),
        };
    }
}
