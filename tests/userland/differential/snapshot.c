// SPDX-License-Identifier: GPL-2.0
/* Records a world in numbers, and checks that it is sane. */
#include "kernel.h"

static void snapshot_chains(const struct vm_area_struct *vma)
{
	struct anon_vma_chain *avc;

	list_for_each_entry(avc, &vma->anon_vma_chain, same_vma) {
		struct shim_chain *chain = container_of(avc, struct shim_chain, chain);

		record_number("anon_vma in its chain", anon_vma_number(avc->anon_vma));
		record_number("first offset in that tree", chain->first);
		WARN_ON(!chain->in_tree);
		WARN_ON(chain->vma != vma);
		WARN_ON(chain->first != vma_start_anon_pgoff(vma));
		WARN_ON(chain->last != vma_last_anon_pgoff(vma));
	}
}

static void snapshot_vma(struct vm_area_struct *vma)
{
	const struct vma_extra *extra = vma_extra(vma);

	record_number("*VMA", extra->number);
	record_number("vm_start", vma->vm_start);
	record_number("vm_end", vma->vm_end);
	record_number("vm_pgoff", vma->vm_pgoff);
	record_number("anonymous page offset", vma_start_anon_pgoff(vma));
	record_number("flags", vma->vm_flags);
	record_number("page protection", pgprot_val(vma->vm_page_prot));
	record_number("file", file_number(vma->vm_file));
	record_number("vm_ops", ops_number(vma->vm_ops));
	record_number("anon_vma", anon_vma_number(vma->anon_vma));
	record_number("policy", policy_number(vma->vm_policy));
	record_number("content of its policy", policy_content(vma->vm_policy));
	record_number("name", name_number(vma->anon_name));
	record_number("references to its name", vma->anon_name ?
		      refcount_read(&vma->anon_name->kref.refcount) : 0);
	record_number("userfaultfd context",
		      context_number(vma->vm_userfaultfd_ctx.ctx));
	record_number("whether it is write-locked", shim_is_write_locked(vma));
	record_number("whether it is attached", vma_is_attached(vma));
	record_number("mapping whose tree it is in", mapping_number(extra->mapping));
	snapshot_chains(vma);

	WARN_ON(!vma_is_attached(vma));
	WARN_ON(!!vma->anon_vma == list_empty(&vma->anon_vma_chain));
	WARN_ON(extra->mapping != (vma->vm_file ? vma->vm_file->f_mapping : NULL));
	WARN_ON(extra->mapping && extra->first != vma->vm_pgoff);
	WARN_ON(extra->mapping && extra->last != vma_end_pgoff(vma) - 1);
}

static void snapshot_space(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	int count = 0;
	struct vma_iterator vmi;

	vma_iter_init(&vmi, mm, 0);
	record_number("*address space", space_number(mm));
	record_number("map_count", mm->map_count);
	record_number("total_vm", mm->total_vm);
	record_number("locked_vm", mm->locked_vm);
	record_number("data_vm", mm->data_vm);
	record_number("exec_vm", mm->exec_vm);
	record_number("stack_vm", mm->stack_vm);
	mt_validate(&mm->mm_mt);
	for_each_vma(vmi, vma) {
		count++;
		WARN_ON(vma->vm_mm != mm);
		WARN_ON(vma->vm_start != vmi.mas.index);
		WARN_ON(vma->vm_end != vmi.mas.last + 1);
		snapshot_vma(vma);
	}
	WARN_ON(count != mm->map_count);
}

void snapshot(void)
{
	struct shim_anon_vma *anon_vma;
	unsigned int i;

	for (i = 0; i < SPACES; i++)
		if (world->lives[i])
			snapshot_space(&world->spaces[i]);

	for (i = 0; i < FILES; i++) {
		record_number("*file", i + 1);
		record_number("references to it", world->files[i].references);
	}
	for (i = 0; i < MAPPINGS; i++) {
		struct shim_mapping *of = &world->mappings[i];

		record_number("*mapping", i + 1);
		record_number("writable mappings",
			      atomic_read(&of->mapping.i_mmap_writable));
		record_number("VMAs in its tree", of->vmas);
	}
	list_for_each_entry(anon_vma, &world->anon_vmas, all) {
		record_number("*anon_vma", anon_vma->number);
		record_number("references", anon_vma->references);
		record_number("num_children", anon_vma->children);
		record_number("num_active_vmas", anon_vma->active_vmas);
		record_number("parent", anon_vma->parent->number);
		record_number("chains in its tree", anon_vma->chains);
	}
	for (i = 0; i < OBJECTS; i++) {
		record_number("*objects of kind", i);
		record_number("alive", world->alive[i]);
		record_number("made so far", world->numbers[i]);
	}
	record_number("*fallible calls", world->fallible);
}
