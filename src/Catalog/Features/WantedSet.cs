using Catalog.FeatureServices;
using FluentValidation;

namespace Catalog.Features;

/// <summary>Views, and services of them, that are wanted together.</summary>
public interface IWantedSet
{
    IReadOnlyList<WantedFeatureView> Views { get; }

    IReadOnlyList<WantedFeatureService>? Services { get; }
}

/// <summary>From 1 to 500 views and services together, each once.</summary>
internal sealed class WantedSetValidator : AbstractValidator<IWantedSet>
{
    private const int Most = 500;

    public WantedSetValidator()
    {
        RuleFor(s => s.Views).Must((set, views) => views.Count + (set.Services?.Count ?? 0) is > 0 and <= Most)
            .WithMessage($"must be from 1 to {Most} feature views, with the services together.");
        RuleForEach(s => s.Views).NotNull().SetValidator(new WantedFeatureView.Validator());
        RuleForEach(s => s.Services).NotNull().SetValidator(new WantedFeatureService.Validator());
        RuleFor(s => s.Views).Custom((views, context) =>
            Once("views", "view", views.OfType<WantedFeatureView>().Select(v => (v.Namespace, v.Name)), context));
        RuleFor(s => s.Services).Custom((services, context) =>
            Once("services", "service", (services ?? []).OfType<WantedFeatureService>().Select(v => (v.Namespace, v.Name)), context));
    }

    private static void Once(
        string field, string thing, IEnumerable<(string Namespace, string Name)> names, ValidationContext<IWantedSet> context)
    {
        foreach (var twice in names.GroupBy(n => n).Where(g => g.Count() > 1))
        {
            context.AddFailure(
                field, $"must name each {thing} once: '{twice.Key.Namespace}/{twice.Key.Name}' is there {twice.Count()} times.");
        }
    }
}
