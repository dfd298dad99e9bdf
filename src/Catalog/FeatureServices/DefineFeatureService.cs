using Catalog.Features;

namespace Catalog.FeatureServices;

/// <summary>Makes a service what it is wanted to be; it is applied together with views (<see cref="ApplyFeatures"/>).</summary>
public static class DefineFeatureService
{
    /// <param name="state">What is there; null for nothing.</param>
    /// <param name="service">What is wanted, with its views by number.</param>
    public static Decision Decide(FeatureService? state, WantedFeatureService service)
    {
        if (state is { Retired: true })
            return FeatureServiceWrites.Retired(service.Node());
        var planned = PlannedFeatureService.Of(state, service);
        object[] facts = [.. Versions(state, service, planned), .. state is null ? [] : About(state, service)];
        return facts.Length == 0 ? Decision.Unchanged : Decision.Accept(facts);
    }

    private static IEnumerable<object> Versions(FeatureService? state, WantedFeatureService service, PlannedFeatureService planned)
    {
        if (state is null)
        {
            yield return new FeatureServiceRegistered(
                service.Namespace, service.Name, service.Owner, service.Description ?? "",
                [.. (service.Tags ?? []).Distinct(StringComparer.Ordinal)]);
        }

        if (planned.Action is PlannedAction.Create or PlannedAction.NewVersion)
            yield return new FeatureServiceDefined(planned.Version, service.Definition, service.Definition.Hash());
    }

    private static IEnumerable<object> About(FeatureService state, WantedFeatureService service)
    {
        var described = new FeatureServiceDescribed(service.Owner, service.Description ?? state.Description);
        if (described != new FeatureServiceDescribed(state.Owner, state.Description))
            yield return described;
        foreach (var tag in (service.Tags ?? state.Tags).Except(state.Tags, StringComparer.Ordinal))
            yield return new FeatureServiceTagged(tag);
        foreach (var tag in state.Tags.Except(service.Tags ?? state.Tags, StringComparer.Ordinal))
            yield return new FeatureServiceUntagged(tag);
    }
}
