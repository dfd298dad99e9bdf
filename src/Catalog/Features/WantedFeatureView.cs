using System.Linq.Expressions;
using Catalog.Platform;
using FluentValidation;

namespace Catalog.Features;

/// <summary>A feature view as somebody wants it to be.</summary>
/// <param name="Namespace">Of the view; its entities are those of the namespace.</param>
/// <param name="Name">Of the view.</param>
/// <param name="Owner">Who answers for it: an opaque id.</param>
/// <param name="Definition">Whose features, which, and how they come out of events.</param>
/// <param name="Description">What it is; what it was where left out.</param>
/// <param name="Tags">All that it is to carry; those that it carries where left out.</param>
public sealed record WantedFeatureView(
    string Namespace, string Name, string Owner, FeatureDefinition Definition, string? Description = null,
    IReadOnlyList<string>? Tags = null)
{
    internal NodeId Node() => NodeId.FeatureView(Namespace, Name);

    /// <summary>Shape only: what a definition must be is for <see cref="FeatureRules"/> to say, once the gate was asked.</summary>
    public sealed class Validator : AbstractValidator<WantedFeatureView>
    {
        public Validator()
        {
            RuleFor(s => s.Namespace).IsName();
            RuleFor(s => s.Name).IsName();
            RuleFor(s => s).FitsStream(NodeKind.FeatureView, s => (s.Namespace, s.Name));
            RuleFor(s => s.Owner).IsPrincipal();
            RuleFor(s => s.Description).IsText(Limits.Documentation);
            RuleFor(s => s.Tags).AreTags();
            RuleForEach(s => s.Definition.Features).NotNull();
            RuleForEach(s => s.Definition.Entities).NotNull().ChildRules(e => e.RuleForEach(entity => entity.Keys).NotNull());
        }
    }
}

/// <summary>A set of views that are wanted together.</summary>
internal static class FeatureViewSet
{
    private const int Most = 500;

    /// <summary>From 1 to 500 views, each once.</summary>
    public static void AreViews<T>(
        this AbstractValidator<T> validator, Expression<Func<T, IReadOnlyList<WantedFeatureView>>> views)
    {
        validator.RuleFor(views).Must(v => v.Count is > 0 and <= Most).WithMessage($"must be from 1 to {Most} feature views.")
            .OverridePropertyName("views");
        validator.RuleFor(views).Custom((given, context) =>
        {
            foreach (var twice in given.OfType<WantedFeatureView>().GroupBy(v => (v.Namespace, v.Name)).Where(g => g.Count() > 1))
            {
                context.AddFailure(
                    "views", $"must name each view once: '{twice.Key.Namespace}/{twice.Key.Name}' is there {twice.Count()} times.");
            }
        });
    }
}
