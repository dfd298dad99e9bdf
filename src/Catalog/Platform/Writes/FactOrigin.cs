using JasperFx.Events;

namespace Catalog.Platform.Writes;

/// <summary>Who a fact comes from, and why: kept with every fact, beside its payload. Ids only, no names.</summary>
/// <param name="Principal">Opaque id of who asked.</param>
/// <param name="Purpose">Declared purpose, in its wire form, where one was declared.</param>
/// <param name="Correlation">Ties together what belongs to one request or trace.</param>
/// <param name="Causation">What led to it: the request's own id.</param>
public sealed record FactOrigin(string Principal, string? Purpose, string? Correlation, string? Causation)
{
    /// <summary>The header that holds the purpose.</summary>
    public const string PurposeHeader = "purpose";

    internal void Stamp(IEvent fact)
    {
        fact.UserName = Principal;
        fact.CorrelationId = Correlation;
        fact.CausationId = Causation;
        if (Purpose is not null)
            fact.SetHeader(PurposeHeader, Purpose);
    }
}
